// /info: after traffic that is known, what it says is exactly what is true.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

using testing::MatchesRegex;

class InfoTest : public ServerTest {
 protected:
  simdjson::dom::element parse(const std::string& text) {
    simdjson::dom::element element;
    EXPECT_EQ(parser_.parse(text).get(element), simdjson::SUCCESS) << text;
    return element;
  }
  simdjson::dom::element info(const RunningServer& server) {
    return parse(server.admin_get("/info").body);
  }
  // The sum of what the reactors say under that name.
  static std::uint64_t sum(simdjson::dom::element info, std::string_view pointer) {
    std::uint64_t total = 0;
    for (const simdjson::dom::element core : info["reactors"].get_array()) {
      total += core.at_pointer(pointer).get_uint64();
    }
    return total;
  }
  // The answer once it says so: a connection or a subscriber goes at its own pace.
  std::string await(const RunningServer& server, const std::string& target, std::string_view part) {
    std::string body;
    const auto says_so = [&] {
      body = server.admin_get(target).body;
      return body.find(part) != std::string::npos;
    };
    EXPECT_TRUE(eventually(says_so)) << "no " << part << " in " << body;
    return body;
  }

 private:
  simdjson::dom::parser parser_;
};
RUN_WITH_1_2_AND_4_REACTORS(InfoTest);

TEST_P(InfoTest, SaysWhoThisIs) {
  const RunningServer own(config());
  const std::string body = own.admin_get("/info").body;
  const simdjson::dom::element page = parse(body);
  EXPECT_THAT(body, MatchesRegex("\\{\"version\": \"[^\"]+\", \"channels\": 0, \"subscribers\": 0, "
                                 "\"pid\": [0-9]+, \"uptime_s\": [0-9]+, \"start_time\": "
                                 "\"20[0-9-]{8}T[0-9:]{8}Z\", \"phase\": \"serving\", .*\\}\n"));
  EXPECT_EQ(page["reactors"].get_array().size(), GetParam());
  EXPECT_EQ(sum(page, "/channels"), 0u);
}

TEST_P(InfoTest, CountsWhatWentThrough) {
  const RunningServer own(config());
  std::vector<Subscription> all;
  for (int i = 0; i < 10; ++i) all.emplace_back(own, "seq=1&cname=a");
  for (int i = 0; i < 3; ++i) all.emplace_back(own, endless_transports()[2], "seq=1&cname=b");
  own.await_totals(2, 13);
  for (int i = 1; i <= 5; ++i) {
    own.push("a", "0123456789");
    own.push("b", "0123456789");
    for (Subscription& subscription : all) subscription.next();
  }
  own.push("nobody hears this", "x");

  const simdjson::dom::element page = info(own);
  EXPECT_EQ(std::uint64_t{page["channels"]}, 3u);
  EXPECT_EQ(std::uint64_t{page["subscribers"]}, 13u);
  EXPECT_EQ(sum(page, "/subscribers/stream"), 10u);
  EXPECT_EQ(sum(page, "/subscribers/sse"), 3u);
  EXPECT_EQ(sum(page, "/subscribers/poll"), 0u);
  EXPECT_EQ(sum(page, "/subscribers/iframe"), 0u);
  EXPECT_EQ(sum(page, "/channels"), 3u);
  EXPECT_EQ(sum(page, "/messages_in"), 11u);
  EXPECT_EQ(sum(page, "/deliveries"), 65u);
  EXPECT_EQ(sum(page, "/writes"), 65u + 13) << "a head each, and no two messages joined";
  EXPECT_EQ(sum(page, "/lagging"), 0u);
  EXPECT_GT(sum(page, "/bytes_out"), 65u * 50);
  EXPECT_GE(sum(page, "/connections"), 14u) << "and the one that asks";
  EXPECT_GE(sum(page, "/turns"), 10u);

  // A pass for each message on each core with subscribers of its channel.
  const std::uint64_t sweeps = page["sweep_subscribers"]["count"];
  EXPECT_GE(sweeps, 10u);
  EXPECT_LE(sweeps, 10u * GetParam());
  EXPECT_EQ(std::uint64_t{page["delivery_lag_us"]["count"]}, sweeps);
  EXPECT_GE(std::uint64_t{page["descriptors"]["used"]}, 14u + 5);
  EXPECT_LT(std::uint64_t{page["descriptors"]["used"]}, 100u);
  EXPECT_GT(std::uint64_t{page["memory"]["history"]["bytes"]}, 101u);
  EXPECT_LT(std::uint64_t{page["memory"]["history"]["bytes"]}, 2000u);
}

TEST_P(InfoTest, AConnectionThatEndsIsCountedByReason) {
  const RunningServer own(config());
  { Subscription gone(own, "seq=1&cname=a"); }
  Subscription closed(own, "seq=1&cname=b");
  EXPECT_EQ(own.admin_get("/close?cname=b").status, 200);
  Client client = own.front();
  client.send("GET / HTTP/1.1\r\nno colon\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 400);
  const std::string body = await(own, "/info", "\"channel_closed\": 1");
  EXPECT_NE(body.find("\"malformed\": 1"), std::string::npos) << body;
  EXPECT_NE(body.find("\"token_error\": 0"), std::string::npos) << body;
}

TEST_P(InfoTest, TellsAboutOneChannel) {
  const RunningServer own(config());
  own.push("a", "12345");
  own.push("a", "67890");
  Subscription stream(own, "seq=1&cname=a");
  Subscription iframe(own, endless_transports()[1], "seq=3&cname=a");
  Client poll = own.front();
  poll.get("/poll?seq=3&cname=a");
  const std::string body = await(own, "/info?cname=a",
                                 "\"by_transport\": {\"poll\": 1, \"stream\": 1, \"iframe\": 1, "
                                 "\"sse\": 0, \"ws\": 0}");
  EXPECT_THAT(body, MatchesRegex("\\{\"cname\": \"a\", \"subscribers\": 3, \"first_seq\": 1, "
                                 "\"next_seq\": 3, \"messages\": 2, \"bytes\": 10, "
                                 "\"created\": \"20[0-9-]{8}T[0-9:]{8}Z\", "
                                 "\"last_message\": \"20[0-9-]{8}T[0-9:]{8}Z\", "
                                 "\"expires\": null, \"by_transport\": .*\\}\n"));
  std::uint64_t by_core = 0;
  for (const simdjson::dom::element core : parse(body)["by_core"].get_array()) {
    by_core += core.get_uint64();
  }
  EXPECT_EQ(by_core, 3u);
  EXPECT_EQ(own.admin_get("/sign?cname=new&expires=1000").status, 200);
  EXPECT_THAT(own.admin_get("/info?cname=new").body,
              testing::HasSubstr("\"last_message\": null, \"expires\": "));
}

}  // namespace
}  // namespace support
