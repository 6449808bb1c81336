// /channels, /metrics and /health of the whole server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <simdjson.h>

#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/file_bytes.h"
#include "tests/support/server_test.h"

namespace support {
namespace {

using testing::HasSubstr;

class IntrospectionTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(IntrospectionTest);

struct Page {
  std::vector<std::string> names;
  std::string next;  // "" at the end
};

Page channels(const RunningServer& server, const std::string& query) {
  const Response response = server.admin_get("/channels?" + query);
  EXPECT_EQ(response.status, 200) << response.body;
  simdjson::dom::parser parser;
  const simdjson::dom::element json = parser.parse(response.body);
  Page page;
  for (const simdjson::dom::element channel : json["channels"].get_array()) {
    page.names.emplace_back(std::string_view(channel["cname"]));
  }
  if (!json["next"].is_null()) page.next = std::string(std::string_view(json["next"]));
  return page;
}

std::string metrics_page(const RunningServer& server) {
  const Response response = server.admin_get("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return response.body;
}

TEST_P(IntrospectionTest, ChannelsAreListedPageByPage) {
  const RunningServer own(config());
  std::set<std::string> all;
  for (int i = 0; i < 25; ++i) {
    const std::string name = (i % 2 == 0 ? "even/" : "odd & \"") + std::to_string(i);
    own.push(name, "x");
    all.insert(name);
  }
  std::vector<std::string> listed;
  Page page = channels(own, "limit=4");
  for (;;) {
    listed.insert(listed.end(), page.names.begin(), page.names.end());
    if (page.next.empty()) break;
    EXPECT_EQ(page.names.size(), 4u);
    page = channels(own, "limit=4&after=" + url_encode(page.next));
  }
  EXPECT_EQ(listed, std::vector<std::string>(all.begin(), all.end()));
  EXPECT_EQ(channels(own, "prefix=even/").names.size(), 13u);
  EXPECT_EQ(channels(own, "prefix=none").names.size(), 0u);
}

TEST_P(IntrospectionTest, ThoseWithTheMostSubscribersAreFoundFirst) {
  const RunningServer own(config());
  std::vector<Subscription> all;
  for (int channel = 1; channel <= 4; ++channel) {
    const std::string name = "c" + std::to_string(channel);
    for (int i = 0; i < channel; ++i) all.emplace_back(own, "seq=1&cname=" + name);
  }
  own.push("nobody", "x");
  own.await_totals(5, 10);
  const Page top = channels(own, "sort=subscribers&limit=2");
  EXPECT_EQ(top.names, (std::vector<std::string>{"c4", "c3"}));
  EXPECT_EQ(top.next, "3:c3");
  const Page rest = channels(own, "sort=subscribers&after=" + url_encode(top.next));
  EXPECT_EQ(rest.names, (std::vector<std::string>{"c2", "c1", "nobody"}));
  EXPECT_EQ(rest.next, "");
  EXPECT_EQ(own.admin_get("/channels?prefix=c4").body,
            "{\"channels\": [{\"cname\": \"c4\", \"subscribers\": 4, \"seq\": 1, \"messages\": 0, "
            "\"bytes\": 0}], \"next\": null}\n");
  EXPECT_EQ(own.admin_get("/channels?limit=0").status, 400);
}

TEST_P(IntrospectionTest, EveryDocumentedMetricIsThereAndNoOther) {
  const std::string document = file_bytes(COMET_SOURCE_DIR "/docs/METRICS.md");
  static const std::regex row("\\n\\| `(comet_[a-z_]+)` \\| (counter|gauge|histogram) \\|");
  std::set<std::string> documented;
  for (std::sregex_iterator at(document.begin(), document.end(), row), end; at != end; ++at) {
    documented.insert("# TYPE " + (*at)[1].str() + " " + (*at)[2].str());
  }
  EXPECT_GT(documented.size(), 20u);
  const std::string page = metrics_page(server());
  static const std::regex type("# TYPE [^\\n]+");
  std::set<std::string> present;
  for (std::sregex_iterator at(page.begin(), page.end(), type), end; at != end; ++at) {
    present.insert(at->str());
  }
  EXPECT_EQ(present, documented);
}

TEST_P(IntrospectionTest, EveryLineOfTheMetricsIsOfTheTextFormat) {
  static const std::regex line(
      "(# HELP comet_[a-z_]+ [^\\n]+|# TYPE comet_[a-z_]+ (counter|gauge|histogram)|"
      "comet_[a-z_]+(\\{[a-z]+=\"[^\"\\n]*\"(,[a-z]+=\"[^\"\\n]*\")*\\})? [0-9.e+-]+)");
  const std::string page = metrics_page(server());
  ASSERT_TRUE(page.ends_with('\n'));
  std::size_t begin = 0;
  for (std::size_t end; (end = page.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string one = page.substr(begin, end - begin);
    EXPECT_TRUE(std::regex_match(one, line)) << one;
  }
}

TEST_P(IntrospectionTest, MetricsSayWhatHappened) {
  const RunningServer own(config());
  Subscription subscription(own, "seq=1&cname=a");
  for (int i = 0; i < 3; ++i) {
    own.push("a", "x");
    subscription.next();
  }
  const std::string page = metrics_page(own);
  const auto sum = [&](const std::string& name) {
    const std::regex sample("\\n" + name + "\\{core=\"[0-9]+\"\\} ([0-9]+)");
    std::uint64_t total = 0;
    for (std::sregex_iterator at(page.begin(), page.end(), sample), end; at != end; ++at) {
      total += std::stoull((*at)[1].str());
    }
    return total;
  };
  EXPECT_EQ(sum("comet_messages_received_total"), 3u);
  EXPECT_EQ(sum("comet_deliveries_total"), 3u);
  EXPECT_EQ(sum("comet_writes_total"), 4u) << "the head is one";
  EXPECT_EQ(sum("comet_delivery_lag_seconds_count"), 3u);
  EXPECT_EQ(sum("comet_sweep_subscribers_count"), 3u);
  EXPECT_EQ(sum("comet_channels"), 1u);
}

TEST_P(IntrospectionTest, HealthIsLiveAndReadyUntilALimitIsReached) {
  comet::Config small = config();
  small.front.max_channels = 2;
  const RunningServer own(small);
  EXPECT_EQ(own.admin_get("/health/live").body, "live\n");
  EXPECT_EQ(own.admin_get("/health/ready").status, 200);
  own.push("a", "x");
  EXPECT_EQ(own.admin_get("/health/ready").body, "ready\n");
  own.push("b", "x");
  const Response full = own.admin_get("/health/ready");
  EXPECT_EQ(full.status, 503);
  EXPECT_EQ(full.body, "2 of 2 channels exist\n");
  EXPECT_EQ(own.admin_get("/health/live").status, 200);
  EXPECT_EQ(own.admin_get("/close?cname=a").status, 200);
  EXPECT_EQ(own.admin_get("/health/ready").status, 200);
}

}  // namespace
}  // namespace support
