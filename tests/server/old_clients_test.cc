// Clients of iComet, by what they send and what they make of the answer (docs/OLD-CLIENTS.md).
//
// Requests have the parameters and headers that these clients send, useless ones included.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "tests/support/server_test.h"

namespace support {
namespace {

class OldClientsTest : public ServerTest {
 protected:
  [[nodiscard]] comet::Config with_tokens() const {
    comet::Config config = this->config();
    config.front.auth = comet::Auth::kToken;
    return config;
  }
};
RUN_WITH_1_2_AND_4_REACTORS(OldClientsTest);

// jQuery asks by script tags.
constexpr std::string_view kScriptTag =
    "Accept: */*\r\nReferer: http://www.example.com/chat.html\r\nAccept-Encoding: gzip, deflate\r\n"
    "Cookie: PHPSESSID=0123456789abcdef\r\nSec-Fetch-Dest: script\r\nSec-Fetch-Mode: no-cors\r\n";

const Endless& event_source() {
  return *std::ranges::find(endless_transports(), "/sse", &Endless::path);
}

// java.net.HttpURLConnection.
constexpr std::string_view kJava =
    "User-Agent: Java/1.8.0_292\r\n"
    "Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\r\nConnection: keep-alive\r\n";

TEST_P(OldClientsTest, IcometJsSignsByJsonpAndHandsTheTokenToEventSource) {
  const RunningServer own(with_tokens());
  Client admin = own.admin();
  // jQuery adds a callback parameter of its own to the script's cb.
  admin.get("/sign?cb=icomet_cb_0&cname=abc&_=1700000000000&callback=icomet_cb_0&_=1700000000001");
  const Response sign = admin.read_response();
  const std::string token = own.token("abc");
  EXPECT_EQ(sign.body, "icomet_cb_0({\"type\":\"sign\",\"cname\":\"abc\",\"seq\":1,\"token\":\"" +
                           token + "\",\"expires\":60,\"sub_timeout\":30});\n");
  EXPECT_EQ(sign.header("content-type"), "application/javascript; charset=utf-8");

  // It only replaces /sub? by /sse? in its address, so cb comes along and means nothing.
  Subscription source(own, event_source(),
                      "cb=icomet_cb_0&cname=abc&seq=0&noop=0&token=" + token + "&_=1700000000002");
  EXPECT_EQ(source.next(), next_seq("abc", 1));
  own.push("abc", "one");
  own.broadcast("all");
  EXPECT_EQ(source.next(), data("abc", 1, "one"));
  EXPECT_EQ(source.next(), message("broadcast", "abc", 2, "all"));
  EXPECT_EQ(source.next(), next_seq("abc", 3));
}

TEST_P(OldClientsTest, IcometJsPollsByScriptTags) {
  const std::string a = unique_name();
  Client front = server().front();
  const std::string before = "/sub?cb=icomet_cb_0&cname=" + a + "&seq=";
  const std::string after = "&noop=0&token=&_=1700000000000&callback=icomet_cb_0";
  front.get(before + "0" + after, kScriptTag);
  EXPECT_EQ(front.read_response().body, "icomet_cb_0(" + next_seq(a, 1) + ");\n");
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    front.get(before + std::to_string(seq) + after, kScriptTag);
    server().await_subscribers(a, 1);
    server().push(a, "m");
    const Response answer = front.read_response();
    EXPECT_EQ(answer.body, "icomet_cb_0(" + data(a, seq, "m") + ");\n");
    // A browser runs no script whose type it is told to take seriously, unless that is right.
    EXPECT_EQ(answer.header("content-type"), "application/javascript; charset=utf-8");
    EXPECT_FALSE(answer.has_header("x-content-type-options"));
  }
}

TEST_P(OldClientsTest, IcometJsGetsATokenErrorItKnows) {
  const RunningServer own(with_tokens());
  Client front = own.front();
  front.get("/sub?cb=icomet_cb_0&cname=abc&seq=0&noop=0&token=&_=1", kScriptTag);
  const Response answer = front.read_response();
  EXPECT_EQ(answer.status, 200) << "a script tag does not see another one's body";
  EXPECT_EQ(answer.body, "icomet_cb_0(" + message("401", "abc", 0, "Token error") + ");\n");
}

TEST_P(OldClientsTest, ThePageWithAForeverIframeIsCalledInItsParent) {
  const std::string a = unique_name();
  Client front = server().front();
  front.get("/iframe?cname=" + a);
  const Response head = front.read_head();
  EXPECT_EQ(head.header("content-type"), "text/html; charset=utf-8");
  const std::string first = front.next_chunk().value_or("");
  // The page does the same, so that it may be on another host of the same domain.
  EXPECT_NE(first.find("document.domain=location.hostname.split('.').slice(-2).join('.')"),
            std::string::npos)
      << first;
  std::string script = first;
  while (script.find("parent.icomet_cb") == std::string::npos) {
    script = front.next_chunk().value_or("parent.icomet_cb is missing");
  }
  EXPECT_NE(script.find("<script>parent.icomet_cb(" + next_seq(a, 1) + ");</script>"),
            std::string::npos)
      << script;
}

TEST_P(OldClientsTest, TheChatOfTheDemosPublishesWhatIsEscapedTwice) {
  const std::string a = unique_name();
  // What JSON.stringify made of an object, made a string once more, without the quotes around.
  const std::string escaped = R"({\"uid\":\"u1\",\"content\":\"say \\\"hi\\\" & é\"})";
  Client admin = server().admin();
  admin.get("/pub?cb=jQuery1&cname=" + a + "&content=" + url_encode(escaped) + "&_=1");
  EXPECT_EQ(admin.read_response().body, "jQuery1({\"type\":\"ok\"});\n");
  Subscription subscription(server(), "seq=1&cname=" + a);
  EXPECT_EQ(subscription.next(), data(a, 1, escaped));
}

TEST_P(OldClientsTest, TheJavaClientReadsALineForEachMessageAndNeverAnEmptyOne) {
  const std::string a = unique_name();
  server().push(a, "{\"text\":\"one\"}");
  Client front = server().front();
  // A token that was never set is the word null to Java.
  front.get("/stream?cname=" + a + "&seq=1&token=null", kJava);
  EXPECT_EQ(front.read_head().status, 200);
  server().push(a, "two\nlines\r\n\n");
  server().push(a, "");
  // Each chunk is one line: a parser of lines and one of chunks see the same.
  EXPECT_EQ(front.next_chunk(), data(a, 1, R"({\"text\":\"one\"})") + "\n");
  EXPECT_EQ(front.next_chunk(), data(a, 2, R"(two\nlines\r\n\n)") + "\n");
  EXPECT_EQ(front.next_chunk(), data(a, 3, "") + "\n");
}

TEST_P(OldClientsTest, TheJavaClientGetsATokenErrorAsALineAndThenTheEnd) {
  const RunningServer own(with_tokens());
  Client front = own.front();
  front.get("/stream?cname=abc&seq=1&token=null", kJava);
  EXPECT_EQ(front.read_head().status, 200) << "on another one it does not look at the body";
  EXPECT_EQ(front.next_chunk(), message("401", "abc", 0, "Token error") + "\n");
  EXPECT_EQ(front.next_chunk(), "") << "the end of the response";
}

TEST_P(OldClientsTest, TheSwiftClientIsConnectedWithTheFirstNextSeq) {
  const std::string a = unique_name();
  server().push(a, "past");
  Client front = server().front();
  front.get(
      "/stream?cname=" + a + "&seq=0&token=",
      "Accept: */*\r\nUser-Agent: demo/1 CFNetwork/1128.0.1 Darwin/19.6.0\r\n"
      "Accept-Language: zh-cn\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n");
  EXPECT_FALSE(front.read_head().has_header("content-encoding"));
  EXPECT_EQ(front.next_chunk(), next_seq(a, 2) + "\n");
  server().push(a, "live");
  EXPECT_EQ(front.next_chunk(), data(a, 2, "live") + "\n");
}

}  // namespace
}  // namespace support
