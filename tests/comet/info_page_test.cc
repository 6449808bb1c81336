#include "comet/info_page.h"

#include <gtest/gtest.h>

#include <simdjson.h>

#include <string>
#include <vector>

namespace comet {
namespace {

bool is_json(const std::string& text) {
  simdjson::dom::parser parser;
  return parser.parse(text).error() == simdjson::SUCCESS;
}

CoreReport core_with_traffic(std::uint64_t core) {
  CoreReport report;
  report.core = core;
  report.connections = 10;
  report.descriptors = 15;
  report.subscribers[Transport::kPoll] = 1;
  report.subscribers[Transport::kStream] = 2;
  report.subscribers[Transport::kSse] = 3;
  report.channels = 4;
  report.messages_in = 5;
  report.deliveries = {70, 20, 1};
  report.bytes_out = 8000;
  report.lagging = 1;
  report.mail = {{6, 0}, {7, 0}};
  report.turns.record(100);
  report.turns.record(20'000);
  report.delivery_lag_us.record(3);
  report.sweep_subscribers.record(64);
  report.memory = {100, 200, 300, 400, 500};
  report.closes.add(CloseReason::kTokenError);
  report.closes.add(CloseReason::kIdle);
  return report;
}

TEST(InfoPage, SaysEverythingAboutTheServer) {
  ServerFacts facts;
  facts.pid = 42;
  facts.started_unix_s = 784'111'777;
  facts.uptime_s = 3600;
  facts.process_descriptors = 5;
  facts.descriptors_max = 1024;
  facts.memory_limits.channels = 9999;
  const std::vector<CoreReport> cores{core_with_traffic(0), core_with_traffic(1)};
  const std::string page = render_info(facts, cores);
  EXPECT_TRUE(is_json(page)) << page;
  EXPECT_EQ(page.find('\n'), page.size() - 1);
  const std::string core =
      R"("connections": 10, "subscribers": {"poll": 1, "stream": 2, "iframe": 0, "sse": 3, "ws": 0}, )"
      R"("channels": 4, "messages_in": 5, "deliveries": 70, "bytes_out": 8000, "writes": 20, )"
      R"("deliveries_per_write": 3.5, "lagging": 1, )";
  const std::string turns = R"("longest_turn_us": 20000, "turns": 2, "turns_over_10ms": 1})";
  for (const std::string& part : {
           std::string(R"(, "channels": 8, "subscribers": 12, "pid": 42, "uptime_s": 3600, )"
                       R"("start_time": "1994-11-06T08:49:37Z", "phase": "serving", )"
                       R"("reactors": [{"core": 0, )") +
               core + R"("mailbox_max": 6, )" + turns + R"(, {"core": 1, )" + core +
               R"("mailbox_max": 7, )" + turns + "], ",
           std::string(R"("delivery_lag_us": {"count": 2, "p50": 3, "p99": 3, "max": 3, )"
                       R"("buckets": [[1, 0], [2, 0], [4, 2]]}, "turn_us": {"count": 4, )"),
           std::string(R"([32, 0], [64, 2]]}, "memory": {)"
                       R"("connections": {"bytes": 200, "limit": null}, )"
                       R"("subscribers": {"bytes": 400, "limit": null}, )"
                       R"("channels": {"bytes": 600, "limit": 9999}, )"
                       R"("history": {"bytes": 800, "limit": null}, )"
                       R"("buffers": {"bytes": 1000, "limit": null}, )"
                       R"("total": {"bytes": 3000, "limit": null}, "short": false}, )"
                       R"("descriptors": {"used": 35, "limit": 1024}, "refused": {)"),
           std::string(R"("token_error": 2)"),
           std::string(R"("idle": 2)"),
       }) {
    EXPECT_NE(page.find(part), std::string::npos) << part << "\nin\n" << page;
  }
  EXPECT_TRUE(page.starts_with(R"({"version": ")")) << page;
}

TEST(InfoPage, AnIdleServersHistogramsAreEmpty) {
  const std::string page = render_info({}, std::vector<CoreReport>(1));
  EXPECT_TRUE(is_json(page)) << page;
  EXPECT_NE(page.find(R"("turn_us": {"count": 0, "p50": 0, "p99": 0, "max": 0, "buckets": []})"),
            std::string::npos);
}

TEST(InfoPage, SaysHowSavingTheStateGoesWhereOneIsKept) {
  ServerFacts facts;
  EXPECT_EQ(render_info(facts, std::vector<CoreReport>(1)).find("\"state\""), std::string::npos);
  facts.state = StateFacts{784'111'777, 1, 2, 3, 4, 5, 6};
  const std::string page = render_info(facts, std::vector<CoreReport>(1));
  EXPECT_TRUE(is_json(page)) << page;
  EXPECT_TRUE(page.ends_with(
      R"(, "state": {"saved": "1994-11-06T08:49:37Z", "bytes": 1, "channels": 2, "messages": 3, )"
      R"("duration_ms": 4, "snapshots": 5, "errors": 6}})"
      "\n"))
      << page;
  facts.state = StateFacts{};
  EXPECT_NE(render_info(facts, std::vector<CoreReport>(1)).find(R"("state": {"saved": null, )"),
            std::string::npos);
}

TEST(InfoPage, SaysEverythingAboutAChannel) {
  std::vector<ChannelReport> cores(2);
  cores[1].home = ChannelReport::Home{3, 5, 9, 4, 400, 60, 2, std::nullopt};
  cores[0].subscribers[Transport::kSse] = 2;
  cores[1].subscribers[Transport::kPoll] = 1;
  EXPECT_EQ(render_channel_info("a\"b", 784'111'777, cores),
            "{\"cname\": \"a\\\"b\", \"subscribers\": 3, \"first_seq\": 5, \"next_seq\": 9, "
            "\"messages\": 4, \"bytes\": 400, \"created\": \"1994-11-06T08:48:37Z\", "
            "\"last_message\": \"1994-11-06T08:49:35Z\", \"expires\": null, "
            "\"by_transport\": {\"poll\": 1, \"stream\": 0, \"iframe\": 0, \"sse\": 2, \"ws\": 0}, "
            "\"by_core\": [2, 1]}\n");
}

TEST(InfoPage, AChannelThatNothingWasPublishedToSaysSo) {
  std::vector<ChannelReport> cores(1);
  cores[0].home = ChannelReport::Home{0, 1, 1, 0, 0, 0, std::nullopt, 60};
  const std::string page = render_channel_info("a", 784'111'777, cores);
  EXPECT_NE(page.find(R"("last_message": null, "expires": 60, )"), std::string::npos) << page;
}

TEST(InfoPage, OfAChannelThatDoesNotExistNobodyIsASubscriber) {
  EXPECT_EQ(render_channel_info("a", 0, std::vector<ChannelReport>(4)),
            "{\"cname\": \"a\", \"subscribers\": 0}\n");
}

}  // namespace
}  // namespace comet
