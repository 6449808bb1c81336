// Another configuration under way: every connection stays, and what comes next follows it.
#include <absl/cleanup/cleanup.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

class ReloadTest : public ServerTest {
 protected:
  ReloadTest() : settings_(config()), own_(settings_) {}

  comet::Config settings_;
  RunningServer own_;
};
RUN_WITH_1_2_AND_4_REACTORS(ReloadTest);

TEST_P(ReloadTest, SubscribersStayAndMissNothingWhileTheConfigurationChangesUnderALoad) {
  std::vector<std::unique_ptr<Subscription>> subscriptions;
  for (int i = 0; i < 8; ++i) {
    for (const Endless& transport : endless_transports()) {
      subscriptions.push_back(std::make_unique<Subscription>(own_, transport, "cname=a&seq=1"));
    }
  }
  own_.await_subscribers("a", subscriptions.size());
  constexpr std::uint64_t kMessages = 200;
  std::atomic<bool> published{false};
  auto publisher = std::async(std::launch::async, [&] {
    const absl::Cleanup end = [&published] { published = true; };
    for (std::uint64_t i = 1; i <= kMessages; ++i) own_.push("a", std::to_string(i));
  });
  for (std::uint32_t i = 0; !published; ++i) {
    settings_.front.channel_buffer_size = 1000 + i % 7;
    settings_.front.coalesce_us = i % 2 == 0 ? 0 : 1000;
    settings_.front.allow_origins = {"https://" + std::to_string(i) + ".example"};
    settings_.limits.target_bytes = 4096 + i % 5;
    own_.reload(settings_);
  }
  publisher.get();
  for (auto& subscription : subscriptions) {
    for (std::uint64_t i = 1; i <= kMessages; ++i) {
      ASSERT_EQ(subscription->next(), data("a", i, std::to_string(i)));
    }
  }
  own_.await_subscribers("a", subscriptions.size());
}

TEST_P(ReloadTest, AnIdleServerFollowsAtOnce) {
  settings_.front.polling_timeout_s = 77;
  own_.reload(settings_);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(own_.front_get("/ping").body, "icomet_cb({\"type\":\"ping\",\"sub_timeout\":77});\n");
    EXPECT_NE(own_.admin_get("/sign?cname=a").body.find("\"sub_timeout\":77"), std::string::npos);
  }
}

TEST_P(ReloadTest, WhoIsInStaysAndWhoComesNeedsAToken) {
  Subscription before(own_, "cname=a&seq=1");
  settings_.front.auth = comet::Auth::kToken;
  own_.reload(settings_);
  own_.push("a", "one");
  EXPECT_EQ(before.next(), data("a", 1, "one"));
  EXPECT_NE(own_.front_get("/sub?cname=a&seq=1").body.find("\"type\":\"401\""), std::string::npos);
  const std::string token = own_.token("a");
  EXPECT_EQ(own_.front_get("/sub?cname=a&seq=1&token=" + token).body,
            "[" + data("a", 1, "one") + "]\n");
}

TEST_P(ReloadTest, ASmallerReplayBufferAppliesToChannelsThatExist) {
  for (int i = 1; i <= 5; ++i) own_.push("a", std::to_string(i));
  settings_.front.channel_buffer_size = 1;
  own_.reload(settings_);
  EXPECT_EQ(own_.front_get("/sub?cname=a&seq=1").body, "[" + data("a", 5, "5") + "]\n");
  settings_.front.channel_buffer_size = 3;
  own_.reload(settings_);
  own_.push("a", "6");
  EXPECT_EQ(own_.front_get("/sub?cname=a&seq=1").body,
            "[" + data("a", 5, "5") + "," + data("a", 6, "6") + "]\n");
}

TEST_P(ReloadTest, AShorterHeartbeatIsForThoseWhoComeNext) {
  settings_.front.polling_timeout_s = 1;
  own_.reload(settings_);
  Subscription after(own_, "cname=a&seq=1");
  EXPECT_EQ(after.next(), message("noop", "a", 0, ""));
}

TEST_P(ReloadTest, TheAdminPortShowsTheConfigurationInForce) {
  settings_.front.polling_timeout_s = 77;
  own_.reload(settings_);
  const Response response = own_.admin_get("/info?config");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("content-type"), "application/json; charset=utf-8");
  EXPECT_NE(response.body.find("{\"key\": \"front.polling_timeout\", \"value\": 77, "
                               "\"source\": \"default\", \"reloadable\": true}"),
            std::string::npos)
      << response.body;
}

TEST_P(ReloadTest, HeadsNameTheOriginsThatAreAllowedNow) {
  for (const char* const origin : {"https://a.example", "https://b.example"}) {
    settings_.front.allow_origins = {origin};
    own_.reload(settings_);
    for (const char* const target : {"/ping", "/nothing", "/poll?cname=a", "/stream?cname=a"}) {
      Client client = own_.front();
      client.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\nOrigin: " + origin +
                  "\r\n\r\n");
      EXPECT_EQ(client.read_head().header("access-control-allow-origin"), origin) << target;
    }
  }
}

TEST_P(ReloadTest, LimitsOfRequestsFollowAlsoOnAConnectionThatStays) {
  const std::string target = "/ping?x=" + std::string(1000, 'x');
  Client client = own_.front();
  client.get(target);
  EXPECT_EQ(client.read_response().status, 200);
  settings_.limits.target_bytes = 500;
  settings_.limits.content_bytes = 3;
  own_.reload(settings_);
  client.get(target);
  EXPECT_EQ(client.read_response().status, 414);
  EXPECT_EQ(own_.admin_get("/push?cname=a&content=1234").status, 413);
  EXPECT_EQ(own_.admin_get("/push?cname=a&content=123").status, 200);
}

TEST_P(ReloadTest, WhoMayUseTheAdminPortIsDecidedForNewConnections) {
  Client before = own_.admin();
  before.get("/info");
  EXPECT_EQ(before.read_response().status, 200);
  settings_.admin.allow = {"10.0.0.0/8"};
  own_.reload(settings_);
  EXPECT_EQ(own_.admin_get("/info").status, 403);
  before.get("/info");
  EXPECT_EQ(before.read_response().status, 200) << "a reload touches no connection";
}

TEST_P(ReloadTest, AConfigurationThatIsWrongChangesNothing) {
  settings_.front.polling_timeout_s = 77;
  settings_.admin.allow = {"not an address"};
  EXPECT_THROW(own_.reload(settings_), ClientError);
  EXPECT_EQ(own_.front_get("/ping").body, "icomet_cb({\"type\":\"ping\",\"sub_timeout\":30});\n");
}

}  // namespace
}  // namespace support
