#include "comet/metrics.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace comet {
namespace {

std::vector<CoreReport> two_cores() {
  std::vector<CoreReport> cores(2);
  for (std::size_t core = 0; core < cores.size(); ++core) {
    cores[core].core = core;
    cores[core].connections = 10 + core;
    cores[core].subscribers[Transport::kSse] = 3;
    cores[core].deliveries = {70, 20, 0};
    cores[core].mail = {{1, 0}, {2, 3}};
    cores[core].turns.record(100);
    cores[core].turns.record(20'000);
    cores[core].sweep_subscribers.record(64);
    cores[core].memory.history = 4096;
    cores[core].closes.add(CloseReason::kTokenError);
  }
  return cores;
}

std::set<std::string> lines_of(const std::string& page) {
  std::istringstream in(page);
  std::set<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

TEST(Metrics, NamesAreOfThePrometheusKindAndSayTheirUnit) {
  static const std::regex name("comet_[a-z]+(_[a-z]+)*");
  std::set<std::string_view> names;
  for (const MetricDescription& metric : metric_descriptions()) {
    EXPECT_TRUE(std::regex_match(std::string(metric.name), name)) << metric.name;
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name << " stands there twice";
    EXPECT_EQ(metric.name.ends_with("_total"), metric.type == MetricType::kCounter) << metric.name;
    EXPECT_TRUE(metric.help.ends_with('.')) << metric.name;
    EXPECT_EQ(metric.help.find_first_of("\n|\\"), std::string_view::npos) << metric.name;
  }
}

TEST(Metrics, EveryOneOfThemIsOnThePageWithItsLabels) {
  const std::string page = render_metrics({}, two_cores());
  for (const MetricDescription& metric : metric_descriptions()) {
    const std::string name(metric.name);
    EXPECT_NE(page.find("# HELP " + name + " "), std::string::npos) << name;
    const bool histogram = metric.type == MetricType::kHistogram;
    const std::string sample = histogram ? name + "_count" : name;
    const std::string begin =
        metric.labels.empty()
            ? "\n" + sample + " "
            : "\n" + sample + "{" + std::string(metric.labels.substr(0, metric.labels.find(',')));
    EXPECT_NE(page.find(begin), std::string::npos) << begin;
  }
}

TEST(Metrics, NumbersAreWhatTheCoresReported) {
  ServerFacts facts;
  facts.started_unix_s = 1'795'560'306;
  facts.channels_max = 10'000'000;
  const std::set<std::string> lines = lines_of(render_metrics(facts, two_cores()));
  for (const char* line : {
           "# TYPE comet_connections gauge",
           "# TYPE comet_deliveries_total counter",
           "# TYPE comet_turn_seconds histogram",
           "comet_start_time_seconds 1795560306",
           "comet_channels_max 10000000",
           "comet_draining 0",
           "comet_connections{core=\"0\"} 10",
           "comet_connections{core=\"1\"} 11",
           "comet_subscribers{core=\"1\",transport=\"sse\"} 3",
           "comet_subscribers{core=\"1\",transport=\"poll\"} 0",
           "comet_deliveries_total{core=\"0\"} 70",
           "comet_writes_total{core=\"0\"} 20",
           "comet_turn_seconds_count{core=\"0\"} 2",
           "comet_turn_seconds_sum{core=\"0\"} 0.0201",
           "comet_turn_seconds_bucket{core=\"0\",le=\"6.4e-05\"} 0",
           "comet_turn_seconds_bucket{core=\"0\",le=\"0.000128\"} 1",
           "comet_turn_seconds_bucket{core=\"0\",le=\"+Inf\"} 2",
           "comet_sweep_subscribers_bucket{core=\"1\",le=\"32\"} 0",
           "comet_sweep_subscribers_bucket{core=\"1\",le=\"64\"} 1",
           "comet_long_turns_total{core=\"0\"} 1",
           "comet_longest_turn_seconds{core=\"0\"} 0.02",
           "comet_mailbox_messages_max{core=\"1\"} 2",
           "comet_mailbox_backlog_messages{core=\"1\"} 6",
           "comet_memory_bytes{core=\"0\",class=\"history\"} 4096",
           "comet_refused_total{reason=\"token_error\"} 2",
           "comet_closed_total{reason=\"idle\"} 0",
       }) {
    EXPECT_TRUE(lines.contains(line)) << line;
  }
}

TEST(Metrics, ThePageGrowsByTheCoreAndByNothingElse) {
  const auto size = [](std::size_t cores) {
    return lines_of(render_metrics({}, std::vector<CoreReport>(cores))).size();
  };
  EXPECT_GT(size(1), 0u);
  // Reports of one and the same core give the same lines.
  EXPECT_EQ(size(1), size(2));
}

TEST(Metrics, TheTableOfTheDocumentationHasEveryMetric) {
  const std::string table = render_metrics_table();
  for (const MetricDescription& metric : metric_descriptions()) {
    EXPECT_NE(table.find("| `" + std::string(metric.name) + "` | "), std::string::npos);
  }
}

}  // namespace
}  // namespace comet
