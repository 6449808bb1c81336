// Where parameters come from and what they may be (API.md section 2).
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

class ParametersTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(ParametersTest);

constexpr std::string_view kOk = "{\"type\":\"ok\"}\n";

TEST_P(ParametersTest, NamesAreCaseInsensitive) {
  const std::string a = unique_name();
  EXPECT_EQ(server().admin_get("/push?CNAME=" + a + "&Content=one").body, kOk);
  EXPECT_EQ(server().front_get("/sub?cName=" + a + "&SEQ=1").body, "[" + data(a, 1, "one") + "]\n");
  EXPECT_EQ(server().front_get("/poll?Cname=" + a + "&CB=f").body, "f(" + next_seq(a, 2) + ");\n");
}

TEST_P(ParametersTest, TheFirstOfARepeatedNameCounts) {
  const std::string a = unique_name();
  EXPECT_EQ(server().admin_get("/push?cname=" + a + "&content=one&cname=other&Content=two").body,
            kOk);
  EXPECT_EQ(server().front_get("/sub?seq=1&seq=5&cname=" + a).body,
            "[" + data(a, 1, "one") + "]\n");
}

TEST_P(ParametersTest, UnknownNamesAreIgnored) {
  const std::string a = unique_name();
  EXPECT_EQ(server().front_get("/sub?_=1700000000&callback=jQuery1(&x&=&&y=%41&cname=" + a).body,
            next_seq(a, 1) + "\n");
  EXPECT_EQ(server().admin_get("/push?_=1&cname=" + a + "&content=one&callback=f").body, kOk);
}

TEST_P(ParametersTest, PlusIsASpaceAndPercentAByte) {
  const std::string a = unique_name();
  EXPECT_EQ(server().admin_get("/push?cname=" + a + "&content=a+b%20c%2Bd%26e%3Df%c3%A9").body,
            kOk);
  EXPECT_EQ(server().front_get("/sub?seq=1&cname=" + a).body,
            "[" + data(a, 1, "a b c+d&e=f\xc3\xa9") + "]\n");
}

TEST_P(ParametersTest, ContentMayBeEmpty) {
  const std::string a = unique_name();
  EXPECT_EQ(server().admin_get("/push?content=&cname=" + a).body, kOk);
  EXPECT_EQ(server().front_get("/sub?seq=1&cname=" + a).body, "[" + data(a, 1, "") + "]\n");
}

TEST_P(ParametersTest, NamesOf1To255BytesArePermitted) {
  const std::string longest(255, 'n');
  const std::string umlauts = [] {
    std::string name = "x";
    while (name.size() < 255) name += "\xc3\xbc";
    return name;
  }();
  for (const std::string& name : {std::string("x"), longest, umlauts, std::string("a b/c?d&e=f")}) {
    EXPECT_EQ(server().front_get("/sub?cname=" + url_encode(name)).body, next_seq(name, 1) + "\n");
  }
}

TEST_P(ParametersTest, BadChannelNamesAreRefusedEverywhere) {
  const std::vector<std::string> queries{
      "",
      "cname=",
      "x=y",
      "cname=" + std::string(256, 'n'),
      "cname=a%00b",
      "cname=%01",
      "cname=a%0Ab",
      "cname=%0D%0A",
      "cname=%1F",
      "cname=%7F",
      "cname=%FF",           // never in UTF-8
      "cname=%C3",           // cut off
      "cname=%C0%AF",        // over-long
      "cname=%ED%A0%80",     // a surrogate
      "cname=%F4%90%80%80",  // beyond U+10FFFF
      "cname=%zz",
      "cname=%4",
      "cname=a%",
  };
  for (const std::string& query : queries) {
    for (const char* path : {"/poll", "/sub", "/stream", "/iframe", "/sse"}) {
      expect_error(server().front_get(std::string(path) + "?" + query), 400,
                   std::string(path) + "?" + query);
    }
    for (const char* path : {"/sign", "/push", "/pub", "/close", "/clear", "/check"}) {
      expect_error(server().admin_get(std::string(path) + "?content=x&" + query), 400,
                   std::string(path) + "?" + query);
    }
  }
}

TEST_P(ParametersTest, ASeqThatIsNoNumberIsRefused) {
  for (const char* seq : {"abc", "1x", "x1", "1.5", "0x10", "1%202", "%00"}) {
    for (const char* path : {"/poll", "/sub", "/stream", "/iframe", "/sse"}) {
      expect_error(server().front_get(std::string(path) + "?cname=a&seq=" + seq), 400, seq);
    }
  }
}

TEST_P(ParametersTest, BadPercentEncodingOfContentIsRefused) {
  const std::string a = unique_name();
  for (const char* content : {"%zz", "%4", "%", "a%2", "%%41"}) {
    expect_error(server().admin_get("/push?cname=" + a + "&content=" + content), 400, content);
    expect_error(server().admin_post("/push", "", "cname=" + a + "&content=" + content), 400,
                 content);
  }
  EXPECT_EQ(server().front_get("/sub?cname=" + a).body, next_seq(a, 1) + "\n");
}

TEST_P(ParametersTest, AFormMayBePostedWhateverItsContentType) {
  const std::string a = unique_name();
  std::uint64_t seq = 0;
  for (const char* type : {"", "application/x-www-form-urlencoded",
                           "application/x-www-form-urlencoded; charset=UTF-8", "text/html"}) {
    const Response response = server().admin_post("/push", type, "content=a+%26&cname=" + a);
    EXPECT_EQ(response.body, kOk) << type;
    ++seq;
    EXPECT_EQ(server().front_get("/sub?cname=" + a + "&seq=" + std::to_string(seq)).body,
              "[" + data(a, seq, "a &") + "]\n")
        << type;
  }
}

TEST_P(ParametersTest, AFormWinsOverTheQuery) {
  const std::string a = unique_name();
  EXPECT_EQ(server()
                .admin_post("/push?cname=other&content=query&cb=f", "",
                            "Content=form&cname=" + a + "&cname=third")
                .body,
            "f({\"type\":\"ok\"});\n");
  EXPECT_EQ(server().front_get("/sub?seq=1&cname=" + a).body, "[" + data(a, 1, "form") + "]\n");
  // What the form does not say may still come from the query.
  EXPECT_EQ(server().admin_post("/push?cname=" + a, "", "content=second").body, kOk);
  EXPECT_EQ(server().front_get("/sub?seq=2&cname=" + a).body, "[" + data(a, 2, "second") + "]\n");
}

TEST_P(ParametersTest, EveryAdminEndpointTakesAForm) {
  const std::string a = unique_name();
  const std::string form = "cname=" + a;
  EXPECT_EQ(server().admin_post("/sign", "", form).status, 200);
  EXPECT_EQ(server().admin_post("/pub", "", form + "&content=x").body, kOk);
  EXPECT_EQ(server().admin_post("/check", "", form).body, "{\"" + a + "\": 1}\n");
  EXPECT_EQ(server().admin_post("/info", "", form).body.find("{\"cname\": \"" + a), 0U);
  EXPECT_EQ(server().admin_post("/clear", "", form).body, "ok 2\n");
  EXPECT_EQ(server().admin_post("/close", "", form).body, "ok 2\n");
  EXPECT_EQ(server().admin_post("/push", "", "").status, 400);
}

TEST_P(ParametersTest, AJsonObjectMayBePosted) {
  const std::string a = unique_name();
  for (const char* type : {"application/json", "application/json; charset=utf-8"}) {
    const Response response = server().admin_post(
        "/push", type,
        " {\"x\": [1, {\"cname\": \"no\"}], \"content\": \"a\\n\\u00e9\\\"\\ud83d\\ude00\\/\", "
        "\"cname\": \"" +
            a + "\"} ");
    EXPECT_EQ(response.body, kOk) << type;
  }
  const std::string content = "a\\n\xc3\xa9\\\"\xf0\x9f\x98\x80/";
  EXPECT_EQ(server().front_get("/sub?seq=1&cname=" + a).body,
            "[" + data(a, 1, content) + "," + data(a, 2, content) + "]\n");
  EXPECT_EQ(
      server().admin_post("/push?cname=" + a, "application/json", "{\"content\":\"three\"}").body,
      kOk);
  EXPECT_EQ(server().front_get("/sub?seq=3&cname=" + a).body, "[" + data(a, 3, "three") + "]\n");
}

TEST_P(ParametersTest, JsonThatIsNoObjectIsRefused) {
  const std::string a = unique_name();
  for (const char* body : {"{", "[1", "\"x\"", "1", "null", "{\"content\":\"x\",}",
                           "{\"content\":\"x\"} {", "content=x", "{\"content\":\"\xff\"}"}) {
    expect_error(server().admin_post("/push?cname=" + a, "application/json", body), 400, body);
  }
  EXPECT_EQ(server().front_get("/sub?cname=" + a).body, next_seq(a, 1) + "\n");
}

TEST_P(ParametersTest, TextIsTheContentItself) {
  const std::string a = unique_name();
  std::uint64_t seq = 0;
  for (const char* type :
       {"text/plain", "text/plain; charset=utf-8", "Text/Plain", "application/octet-stream"}) {
    EXPECT_EQ(server().admin_post("/push?cname=" + a, type, "content=a+b&%41\n\xc3\xa9").body, kOk)
        << type;
    ++seq;
    EXPECT_EQ(server().front_get("/sub?cname=" + a + "&seq=" + std::to_string(seq)).body,
              "[" + data(a, seq, "content=a+b&%41\\n\xc3\xa9") + "]\n")
        << type;
  }
  expect_error(server().admin_post("/push", "text/plain", "x"), 400, "no cname");
  expect_error(server().admin_post("/push?cname=" + a, "text/plain", "\xff"), 400, "not UTF-8");
}

TEST_P(ParametersTest, ABodyMayComeInChunks) {
  const std::string a = unique_name();
  Client client = server().admin();
  client.send("POST /push?cname=" + a +
              " HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
              "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n4;x=y\r\n two\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_response().body, kOk);
  EXPECT_EQ(server().front_get("/sub?seq=1&cname=" + a).body, "[" + data(a, 1, "one two") + "]\n");
}

}  // namespace
}  // namespace support
