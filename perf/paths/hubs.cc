// Publishing, sweeping, polling, coming and going, signs of life.
#include <cstdint>
#include <string>
#include <vector>

#include "bench/support/one_core.h"
#include "bench/support/requests.h"
#include "comet/transport.h"
#include "http/request_parser.h"
#include "perf/paths/paths.h"
#include "reactor/check.h"

namespace perf {
namespace {

using comet::Transport;

void push_to_nobody(Meter& meter) {
  bench::OneCore core;
  const bench::ParsedRequest request(bench::kPushOfWrk);
  meter.each([&] { core.push(*request); });
  CHECK(core.wire().last_answer.seq == meter.total());
}

constexpr std::uint32_t kBurstSubscribers = 100;
constexpr std::uint32_t kBurstMessages = 40;
void push_in_bursts(Meter& meter) {
  bench::OneCore core;
  core.seat(kBurstSubscribers, "news", {Transport::kStream, true});
  const bench::ParsedRequest request(bench::push_request("news", bench::kContent));
  meter.each([&] {
    for (std::uint32_t i = 0; i < kBurstMessages; ++i) core.push(*request);
    core.turn();
  });
  CHECK(core.hub().counters().deliveries == meter.total() * kBurstSubscribers * kBurstMessages);
}

constexpr std::uint32_t kSeats = 1000;
void sweep(Meter& meter, Transport transport) {
  bench::OneCore core;
  core.seat(kSeats, "news", {transport, true});
  const comet::ChannelName name = core.named("news");
  const comet::MessageRef message = bench::message();
  meter.each([&] {
    core.publish(name, message);
    core.turn();
  });
  CHECK(core.wire().sends == meter.total() * kSeats);
}
void sweep_stream(Meter& meter) { sweep(meter, Transport::kStream); }
void sweep_sse(Meter& meter) { sweep(meter, Transport::kSse); }

void poll_cycle(Meter& meter) {
  bench::OneCore core;
  const comet::ChannelName name = core.named("news");
  const comet::MessageRef message = bench::message();
  std::vector<std::string> requests;
  // One digit count throughout, or the cycles would not be alike.
  constexpr std::uint64_t kFirstSeq = 10'001;
  for (std::uint64_t seq = 1; seq < kFirstSeq; ++seq) core.publish(name, message);
  for (std::uint64_t i = 0; i <= meter.total(); ++i) {
    requests.push_back(bench::poll_request("news", kFirstSeq + i));
  }
  const http::RequestLimits limits;
  http::RequestParser parser(limits);
  auto ask = [&, next = requests.begin()]() mutable {
    CHECK(parser.parse(*next++).state == http::RequestParser::State::kComplete);
    core.subscribe(0, parser.request());
    parser.reset();
  };
  ask();
  meter.each([&] {
    core.publish(name, message);
    core.turn();
    CHECK(core.wire().answered.size() == 1);
    core.wire().answered.clear();
    ask();
  });
}

constexpr std::uint32_t kComers = 100;
void subscribe_and_leave(Meter& meter) {
  bench::OneCore core;
  core.seat(1, "news", {Transport::kStream, true});
  const bench::ParsedRequest request(bench::kStreamOfCurl);
  std::vector<std::uint32_t> subscribers;
  subscribers.reserve(kComers);
  meter.each([&] {
    for (std::uint32_t i = 1; i <= kComers; ++i) {
      subscribers.push_back(core.subscribe(i, *request));
    }
    core.turn();
    for (const std::uint32_t subscriber : subscribers) core.hub().leave(subscriber);
    core.turn();
    subscribers.clear();
  });
  CHECK(core.hub().subscribers() == 1);
}

void heartbeat(Meter& meter) {
  bench::OneCore core;
  core.seat(kSeats, "news", {Transport::kStream, true});
  meter.each([&] { core.turn(31'000'000); });
  CHECK(core.wire().sends == meter.total() * kSeats);
}

void idle_turn(Meter& meter) {
  bench::OneCore core;
  core.seat(kSeats, "news", {Transport::kStream, true});
  meter.each([&] {
    core.turn(1000);
    keep(core.hub().next_deadline_us());
  });
  CHECK(core.wire().sends == 0);
}

constexpr Path kPaths[] = {
    {"push-to-nobody", push_to_nobody, 300, 1, "a parsed push, to the bytes of its answer"},
    {"push-in-bursts", push_in_bursts, 4, std::uint64_t{kBurstSubscribers} * kBurstMessages,
     "a delivery: 40 pushes in a turn to 100 subscribers"},
    {"sweep-stream", sweep_stream, 10, kSeats, "a delivery: one message to 1000 seats"},
    {"sweep-sse", sweep_sse, 10, kSeats, "the same over /sse"},
    {"poll-cycle", poll_cycle, 200, 1, "a message, the answer, the parsed next request, the seat"},
    {"subscribe-and-leave", subscribe_and_leave, 5, kComers, "a parsed request, the seat, gone"},
    {"heartbeat", heartbeat, 10, kSeats, "one of 1000 that are due together"},
    {"idle-turn", idle_turn, 1000, 1, "a hub's turn without work, 1000 subscribers waiting"},
};

}  // namespace

std::span<const Path> paths_of_hubs() { return kPaths; }

}  // namespace perf
