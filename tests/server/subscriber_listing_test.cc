// /presence: who listens to a channel.
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

class SubscriberListingTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(SubscriberListingTest);

// The values of one key, in their order.
std::vector<std::string> values_of(const std::string& json, const std::string& key) {
  std::vector<std::string> values;
  const std::string begin = "\"" + key + "\": ";
  for (std::size_t at = 0; (at = json.find(begin, at)) != std::string::npos;) {
    at += begin.size();
    values.push_back(json.substr(at, json.find_first_of(",}]", at) - at));
  }
  return values;
}

TEST_P(SubscriberListingTest, SaysWhereSubscribersAreAndOnWhichTransport) {
  const std::string a = unique_name();
  EXPECT_EQ(server().admin_get("/presence?cname=" + a).body,
            "{\"cname\": \"" + a + "\", \"subscribers\": 0, \"list\": [], \"next\": null}\n");
  Client poll(server().front_port(), "127.0.0.3");
  poll.get("/poll?seq=1&cname=" + a);
  server().await_subscribers(a, 1);
  const std::string body = server().admin_get("/presence?cname=" + a).body;
  EXPECT_EQ(values_of(body, "subscribers"), std::vector<std::string>{"1"}) << body;
  EXPECT_EQ(values_of(body, "transport"), std::vector<std::string>{"\"poll\""}) << body;
  EXPECT_NE(body.find("\"address\": \"127.0.0.3:"), std::string::npos) << body;
  EXPECT_NE(body.find("\"since\": \"20"), std::string::npos) << body;
  EXPECT_EQ(values_of(body, "next"), std::vector<std::string>{"null"}) << body;
}

TEST_P(SubscriberListingTest, PagesListEverybodyOnce) {
  const std::string a = unique_name();
  std::vector<std::unique_ptr<Subscription>> subscriptions;
  for (int i = 0; i < 23; ++i) {
    subscriptions.push_back(std::make_unique<Subscription>(server(), "cname=" + a));
  }
  server().await_subscribers(a, 23);
  for (const std::size_t limit : {1u, 5u, 23u, 100u}) {
    std::set<std::string> addresses;
    std::string after;
    std::size_t listed = 0;
    for (;;) {
      const std::string body = server()
                                   .admin_get("/presence?cname=" + a +
                                              "&limit=" + std::to_string(limit) + "&after=" + after)
                                   .body;
      const std::vector<std::string> page = values_of(body, "address");
      EXPECT_LE(page.size(), limit) << body;
      listed += page.size();
      addresses.insert(page.begin(), page.end());
      const std::string next = values_of(body, "next").at(0);
      if (next == "null") break;
      after = next.substr(1, next.size() - 2);
    }
    EXPECT_EQ(listed, 23u);
    EXPECT_EQ(addresses.size(), 23u);
  }
}

TEST_P(SubscriberListingTest, OneWhoComesThroughAUnixSocketHasNoAddress) {
  comet::Config both = config();
  const std::string path = testing::TempDir() + "listing-" + std::to_string(GetParam()) + ".sock";
  both.front.listen.push_back("unix:" + path);
  const RunningServer own(both);
  Client client = Client::on_unix_socket(path);
  client.get("/stream?seq=1&cname=a");
  client.read_head();
  own.await_subscribers("a", 1);
  const std::string body = own.admin_get("/presence?cname=a").body;
  EXPECT_NE(body.find("{\"address\": null, \"transport\": \"stream\", \"since\": null, "),
            std::string::npos)
      << body;
}

TEST_P(SubscriberListingTest, WhatIsWrongIsSaid) {
  const auto line = [&](const char* query) {
    const Response response = server().admin_get(std::string("/presence") + query);
    EXPECT_EQ(response.status, 400) << query;
    return response.body;
  };
  EXPECT_EQ(line(""), "cname is missing\n");
  EXPECT_EQ(line("?cname=a&limit=0"), "limit is not from 1 to 1000\n");
  EXPECT_EQ(line("?cname=a&limit=1001"), "limit is not from 1 to 1000\n");
  EXPECT_EQ(line("?cname=a&limit=x"), "limit is not a number\n");
  EXPECT_EQ(line("?cname=a&after=x"), "after is not what the next of a page said\n");
}

}  // namespace
}  // namespace support
