#include "bench/load/generator.h"

#include <sys/prctl.h>

#include <algorithm>

#include "bench/load/clock.h"

namespace load {
namespace {

// What a token says beside an index: whom the event is for.
constexpr std::uint64_t kPublisherToken = std::uint64_t{1} << 32;
constexpr std::uint64_t kBackgroundPublisherToken = std::uint64_t{2} << 32;
constexpr std::uint64_t kBackgroundReady = std::uint64_t{3} << 32;

// Background connections that are served before the measured ones have a turn again.
constexpr std::size_t kBackgroundSlice = 16;
constexpr std::int64_t kFollowInterval = 20 * kMillisecond;
constexpr std::int64_t kDrainTime = kSecond;

}  // namespace

Generator::Generator(const Subscribers::Context& context, std::size_t process)
    : options_(context.options),
      board_(context.board),
      slot_(context.board.slots()[process]),
      subscribers_(context, process, epoll_, background_epoll_),
      background_schedule_(Schedule::at_rate(1, 1, context.options.background_rate)),
      publisher_(context.dialect, context.schedule, context.board, std::nullopt),
      background_(context.dialect, background_schedule_, context.board, kBackgroundChannel) {
  // Sleep until the intended time, not up to 50 us longer (prctl(2)).
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  epoll_.add(background_epoll_, kBackgroundReady);
}

std::optional<std::string> Generator::connect_publishers() {
  if (options_.publishes()) {
    if (auto trouble =
            publisher_.connect(options_.admin, options_.publishers, epoll_, kPublisherToken)) {
      return trouble;
    }
  }
  if (options_.background_rate <= 0) return std::nullopt;
  return background_.connect(options_.admin, 1, epoll_, kBackgroundPublisherToken);
}

void Generator::start_background(std::int64_t start_ns, std::int64_t length_ns) {
  if (options_.background_rate <= 0) return;
  Publisher::Task task;
  task.start_ns = start_ns;
  task.messages = background_schedule_.intended_before(length_ns);
  background_.start(task);
}

void Generator::turn(std::int64_t until) {
  std::int64_t now = now_ns();
  const std::int64_t wake =
      std::min({until, publisher_.due(), background_.due(), subscribers_.due()});
  const auto events = epoll_.wait(events_, wake - now);
  now = now_ns();
  publish_due(now);
  handle(events, now);
  if (subscribers_.due() <= now) subscribers_.on_time(now);
  subscribers_.open_more();
}

void Generator::publish_due(std::int64_t now) {
  if (publisher_.due() <= now) publisher_.publish_due(now);
  if (background_.due() <= now) background_.publish_due(now);
  for (const Publisher* one : {&publisher_, &background_}) {
    if (!one->trouble().empty()) [[unlikely]]
      slot_.fail(one->trouble());
  }
}

void Generator::handle(std::span<epoll_event> events, std::int64_t& now) {
  for (const epoll_event& event : events) {
    const std::uint64_t token = event.data.u64;
    if (token < kPublisherToken) {
      subscribers_.on_event(token, event.events, now);
    } else if (token < kBackgroundPublisherToken) {
      publisher_.on_event(token - kPublisherToken, event.events);
    } else if (token < kBackgroundReady) {
      background_.on_event(token - kBackgroundPublisherToken, event.events);
    } else {
      handle_background(now);
    }
    publish_due(now);
  }
}

void Generator::handle_background(std::int64_t& now) {
  std::array<epoll_event, kBackgroundSlice> events;
  for (const epoll_event& event : background_epoll_.wait(events, 0)) {
    subscribers_.on_event(event.data.u64, event.events, now);
  }
  now = now_ns();
}

void Generator::follow() {
  bool churning = false;
  while (board_.phase().load() != Phase::kFinish && !slot_.failed.load()) {
    turn(now_ns() + kFollowInterval);
    const std::int64_t start = board_.start_ns().load();
    if (churning || start == 0) continue;
    churning = true;
    subscribers_.start_churn(start, start + from_seconds(options_.warmup_s + options_.duration_s));
  }
  finish();
}

void Generator::finish() {
  if (subscribers_.has_slow()) {
    subscribers_.drain();
    const std::int64_t end = now_ns() + kDrainTime;
    while (now_ns() < end) turn(end);
  }
  subscribers_.finish();
  slot_.finished.store(true);
}

}  // namespace load
