// Runs the hot paths for callgrind to count their instructions: see perf/instructions.md.
//
// Without argument it runs each path of the table below N times and then 2 N times, and has
// callgrind dump its counters after both; the difference is N operations without what comes before
// and after them. It prints a line for each path: its name, the N operations and what one of them
// is. perf/instructions puts both together.
//
// With --toolchain it prints what the numbers depend on besides our own code, or says why this
// build has no numbers worth comparing and returns 77, which ctest takes for "skipped".
//
// Nothing here may depend on the machine, a clock, a random key or an address. The kernel is called
// by the loop's turn alone, and what it does is not counted.
#include <gnu/libc-version.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define HAS_CALLGRIND 1
#else
#define HAS_CALLGRIND 0
#endif

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/support/one_core.h"
#include "bench/support/requests.h"
#include "comet/name_table.h"
#include "comet/request_fields.h"
#include "comet/transport.h"
#include "http/json.h"
#include "http/query.h"
#include "reactor/check.h"
#include "reactor/loop.h"
#include "reactor/mailbox.h"
#include "reactor/timer_wheel.h"

namespace {

using comet::Transport;

// --- What the numbers depend on ---------------------------------------------------------------

#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

#if defined(NDEBUG) && defined(__OPTIMIZE__)
constexpr bool kOptimised = true;
#else
constexpr bool kOptimised = false;
#endif

#if defined(__clang__)
constexpr const char* kCompiler = "clang++";
constexpr int kCompilerVersion = __clang_major__;
#else
constexpr const char* kCompiler = "g++";
constexpr int kCompilerVersion = __GNUC__;
#endif

#if defined(__x86_64__)
constexpr const char* kMachine = "x86_64";
#elif defined(__aarch64__)
constexpr const char* kMachine = "aarch64";
#else
constexpr const char* kMachine = "other";
#endif

constexpr int kSkipped = 77;

int print_toolchain() {
  const char* why_not = nullptr;
  if (kSanitized) why_not = "a sanitizer's build has other instructions";
  if (!kSanitized && !kOptimised) why_not = "a build that is not optimised has other instructions";
  if (!HAS_CALLGRIND) why_not = "valgrind/callgrind.h was not there when this was built";
  if (why_not != nullptr) {
    std::puts(why_not);
    return kSkipped;
  }
  std::printf("%s-%d %s glibc-%s\n", kCompiler, kCompilerVersion, kMachine, gnu_get_libc_version());
  return 0;
}

// --- Counting ---------------------------------------------------------------------------------

// Has callgrind count what a path does, N times and 2 N times.
class Meter {
 public:
  Meter(std::string_view path, std::uint64_t iterations) : path_(path), iterations_(iterations) {}

  // How often the path runs altogether.
  [[nodiscard]] std::uint64_t total() const { return 4 * iterations_; }

  // body(n) does n iterations. The first ones are not counted: they fill what is kept for reuse.
  template <class Body>
  void run(Body&& body) {
    body(iterations_);
    count(body, 1);
    count(body, 2);
  }
  template <class Step>
  void each(Step&& step) {
    run([&step](std::uint64_t iterations) {
      for (; iterations > 0; --iterations) step();
    });
  }

 private:
  template <class Body>
  void count(Body& body, std::uint64_t times) {
    const std::string label = std::string(path_) + " " + std::to_string(times);
#if HAS_CALLGRIND
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
#endif
    body(times * iterations_);
#if HAS_CALLGRIND
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT(label.c_str());
#endif
  }

  std::string_view path_;
  std::uint64_t iterations_;
};

// What was computed is used, as far as the compiler can tell.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

// --- The paths --------------------------------------------------------------------------------

void parse(Meter& meter, std::string_view bytes) {
  const http::RequestLimits limits;
  http::RequestParser parser(limits);
  meter.each([&] {
    const auto progress = parser.parse(bytes);
    CHECK(progress.state == http::RequestParser::State::kComplete);
    keep(parser.request());
    parser.reset();
  });
}
void parse_push(Meter& meter) { parse(meter, bench::kPushOfWrk); }
void parse_sse(Meter& meter) { parse(meter, bench::kSseOfBrowser); }

void decode_content(Meter& meter) {
  const std::string request = bench::push_request("news", bench::kContent);
  constexpr std::string_view kBefore = "content=";
  const std::size_t begin = request.find(kBefore) + kBefore.size();
  const std::string encoded = request.substr(begin, request.find(' ', begin) - begin);
  std::string out;
  meter.each([&] {
    CHECK(http::decode_component(encoded, out));
    keep(out);
  });
  CHECK(out == bench::kContent);
}

void read_fields(Meter& meter) {
  const bench::ParsedRequest request(bench::kPushOfWrk);
  comet::RequestFields fields;
  meter.each([&] {
    CHECK(!fields.read(*request));
    keep(fields);
  });
}

void escape(Meter& meter, std::string_view raw) {
  std::string out;
  meter.each([&] {
    out.clear();
    http::append_json_escaped(out, raw);
    keep(out);
  });
}
void escape_clean(Meter& meter) { escape(meter, bench::kContent); }
void escape_object(Meter& meter) {
  escape(meter, R"({"user":"anna","room":"lobby","text":"hello","at":1700000000,"read":false})");
}

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

// Turns in which nothing happens, and which end at once as something is always due.
class IdleHandler final : public reactor::Loop::Handler {
 public:
  void run(std::uint64_t turns) {
    reactor::Loop loop(*this, {});
    loop_ = &loop;
    turns_left_ = turns;
    loop.run();
  }

 private:
  void begin_turn(const reactor::Now& now) override { now_us_ = now.monotonic_us; }
  void accepted(std::size_t, reactor::Fd, const reactor::Endpoint&) override {}
  void accepted_last(std::size_t, reactor::Fd, const reactor::Endpoint&) override {}
  std::uint64_t next_accept_us(std::size_t) override { return 0; }
  void happened(const reactor::Event&) override {}
  bool end_turn() override {
    if (--turns_left_ == 0) loop_->stop();
    return false;
  }
  void turn_ended(std::uint64_t) override {}
  bool has_mail() override { return false; }
  std::optional<std::uint64_t> next_deadline_us() override { return now_us_; }

  reactor::Loop* loop_ = nullptr;
  std::uint64_t turns_left_ = 0;
  std::uint64_t now_us_ = 0;
};
void loop_turn(Meter& meter) {
  IdleHandler handler;
  meter.run([&handler](std::uint64_t turns) { handler.run(turns); });
}

struct Timed {
  reactor::TimerLink timer;
};
using Wheel = reactor::TimerWheel<Timed, &Timed::timer>;
constexpr std::uint64_t kNowMs = 1'000'000;

void timer_move(Meter& meter) {
  reactor::Slab<Timed> slab;
  Wheel wheel(slab, kNowMs);
  constexpr std::uint32_t kTimers = 64;
  for (std::uint32_t i = 0; i < kTimers; ++i)
    wheel.arm(slab.emplace(), kNowMs + 1000 + std::uint64_t{i} * Wheel::kTickMs);
  std::uint64_t due_ms = kNowMs + 30'000;
  std::uint32_t index = 0;
  meter.each([&] {
    wheel.arm(index, due_ms);
    index = (index + 1) % kTimers;
    due_ms = due_ms == kNowMs + 30'000 ? kNowMs + 10'000 : kNowMs + 30'000;
  });
}

void timer_next_due(Meter& meter) {
  reactor::Slab<Timed> slab;
  Wheel wheel(slab, kNowMs);
  wheel.arm(slab.emplace(), kNowMs + 30'000);
  meter.each([&] {
    CHECK(wheel.pop_due(kNowMs) == reactor::kNoIndex);
    keep(wheel.next_due_ms(kNowMs));
  });
}

void render(Meter& meter, Transport transport) {
  const comet::MessageRef message = bench::message();
  const std::string name = comet::escaped_name(transport, "news");
  std::string out;
  meter.each([&] {
    out.clear();
    comet::append_message(out, {transport, true}, name, 123'456, *message);
    keep(out);
  });
}
void render_stream(Meter& meter) { render(meter, Transport::kStream); }
void render_sse(Meter& meter) { render(meter, Transport::kSse); }
void render_iframe(Meter& meter) { render(meter, Transport::kIframe); }

void render_poll(Meter& meter) {
  comet::History history(123'456);
  history.append(bench::message());
  const std::string name = comet::escaped_name(Transport::kPoll, "news");
  const comet::PollWrap wrap{true, "icomet_cb"};
  std::string out;
  meter.each([&] {
    out.clear();
    comet::append_poll_messages(out, wrap, name, history, history.begin(), comet::PollForm::kLive);
    keep(out);
  });
}

void history(Meter& meter) {
  comet::History history(1);
  const comet::MessageRef message = bench::message();
  for (int i = 0; i < 100; ++i) history.append(message);
  meter.each([&] {
    history.append(message);
    history.drop_oldest();
    keep(history);
  });
}

void mail(Meter& meter) {
  reactor::Mailboxes<comet::HubMessage, comet::HubMessageWeight> mail(2, 1024);
  const comet::MessageRef message = bench::message();
  std::uint64_t received = 0;
  meter.each([&] {
    mail.post(0, 1, comet::Deliver{{}, 1, message});
    mail.receive(1, 1024, [&](std::size_t, comet::HubMessage&& taken) {
      received += std::get<comet::Deliver>(taken).seq;
    });
  });
  CHECK(received == meter.total());
}

struct Named {
  explicit Named(comet::ChannelName n) : name(std::move(n)) {}
  comet::ChannelName name;
};
void find_channel(Meter& meter) {
  const comet::NameHash hash(1, 2);
  reactor::Slab<Named> slab;
  comet::NameTable<Named> table(slab);
  constexpr std::uint32_t kChannels = 10'000;
  for (std::uint32_t i = 0; i < kChannels; ++i) {
    // Of one length, for all to cost the same.
    table.insert(slab.emplace(hash.named("user-" + std::to_string(100'000 + i))));
  }
  std::uint32_t index = 0;
  meter.each([&] {
    index = (index + 7919) % kChannels;
    CHECK(table.find(hash.named(slab[index].name.text)) == index);
  });
}

struct Path {
  std::string_view name;
  void (*run)(Meter&);
  std::uint64_t iterations;
  std::uint64_t operations;  // in one iteration
  const char* operation;
};

constexpr Path kPaths[] = {
    {"parse-push", parse_push, 300, 1, "parse what wrk sends for a push"},
    {"parse-sse", parse_sse, 100, 1, "parse what a browser sends for /sse"},
    {"decode-content", decode_content, 300, 1, "decode 100 bytes of a query, some of them as %20"},
    {"read-fields", read_fields, 300, 1, "the parameters of a parsed push"},
    {"escape-clean", escape_clean, 300, 1, "escape 100 bytes that need it nowhere"},
    {"escape-object", escape_object, 300, 1, "escape 74 bytes of JSON"},
    {"push-to-nobody", push_to_nobody, 300, 1, "a parsed push, to the bytes of its answer"},
    {"push-in-bursts", push_in_bursts, 4, std::uint64_t{kBurstSubscribers} * kBurstMessages,
     "a delivery: 40 pushes in a turn to 100 subscribers"},
    {"sweep-stream", sweep_stream, 10, kSeats, "a delivery: one message to 1000 seats"},
    {"sweep-sse", sweep_sse, 10, kSeats, "the same over /sse"},
    {"poll-cycle", poll_cycle, 200, 1, "a message, the answer, the parsed next request, the seat"},
    {"subscribe-and-leave", subscribe_and_leave, 5, kComers, "a parsed request, the seat, gone"},
    {"heartbeat", heartbeat, 10, kSeats, "one of 1000 that are due together"},
    {"idle-turn", idle_turn, 1000, 1, "a hub's turn without work, 1000 subscribers waiting"},
    {"loop-turn", loop_turn, 300, 1, "a loop's turn without events, but for the kernel's part"},
    {"timer-move", timer_move, 1000, 1, "a timer is moved"},
    {"timer-next-due", timer_next_due, 1000, 1, "the next deadline, half a minute away"},
    {"render-stream", render_stream, 300, 1, "a message of 100 bytes"},
    {"render-sse", render_sse, 300, 1, "the same"},
    {"render-iframe", render_iframe, 300, 1, "the same"},
    {"render-poll", render_poll, 300, 1, "the same, the body of an answer"},
    {"history", history, 1000, 1, "a message comes, the oldest goes"},
    {"mail", mail, 1000, 1, "a message from core to core"},
    {"find-channel", find_channel, 1000, 1, "hash a name, find it among 10 000"},
};

void run_all() {
  for (const Path& path : kPaths) {
    Meter meter(path.name, path.iterations);
    path.run(meter);
    std::printf("%s\t%llu\t%s\n", std::string(path.name).c_str(),
                static_cast<unsigned long long>(path.iterations * path.operations), path.operation);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view argument = argc > 1 ? argv[1] : "";
  if (argc > 2 || (argc == 2 && argument != "--toolchain")) {
    std::fputs("usage: comet-instructions [--toolchain]\n", stderr);
    return 2;
  }
  if (argc == 2) return print_toolchain();
  run_all();
  return 0;
}
