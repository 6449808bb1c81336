#include "bench/load/run.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <exception>

#include <fmt/format.h>

#include "bench/load/clock.h"

namespace load {
namespace {

constexpr std::int64_t kFinishPatience = 10 * kSecond;
// How much longer than planned publishing may take, beside as long again.
constexpr std::int64_t kLateness = 30 * kSecond;
// Time for all to see the start before it is there.
constexpr std::int64_t kBeforeStart = 50 * kMillisecond;
// A turn that nothing ends ends after this.
constexpr std::int64_t kTurn = 10 * kMillisecond;
constexpr std::int64_t kLookInterval = kMillisecond;
// CPU is read so long before the first message that counts.
constexpr std::int64_t kMostBeforeMeasuring = 2 * kMillisecond;
// Of the descriptor limit for connections: the rest is for other things.
constexpr double kForConnections = 0.9;

std::size_t process_count(const Options& options, std::size_t descriptors) {
  if (options.processes > 0) return options.processes;
  const auto each = std::max<std::size_t>(
      static_cast<std::size_t>(static_cast<double>(descriptors) * kForConnections), 1);
  return (options.connections() + each - 1) / each;
}

}  // namespace

Run::Run(const Options& options, std::size_t descriptors, const Patience& patience)
    : options_(options),
      patience_(patience),
      dialect_(make_dialect(options)),
      schedule_(Schedule::at_rate(options.channels, options.publishers, options.rate)),
      board_(process_count(options, descriptors), options.channels, options.publishers,
             options.closed_loop > 0 ? Board::SendTimes::kKept : Board::SendTimes::kNone),
      stats_(options.pids),
      progress_(options.quiet ? Progress::Wish::kHide : Progress::Wish::kShow) {}

Run::~Run() {
  // Children end by themselves when the run is over; after trouble they are told to.
  for (const pid_t pid : others_) ::kill(pid, SIGKILL);
  for (const pid_t pid : others_) ::waitpid(pid, nullptr, 0);
}

reactor::Result<Results> Run::go() {
  const bool well = subscribe() && idle() && find_numbers() && publish() && finish();
  progress_.clear();
  if (!well) return reactor::Error{trouble_};
  return std::move(results_);
}

bool Run::fail(std::string sentence) {
  if (trouble_.empty()) trouble_ = std::move(sentence);
  return false;
}

void Run::fork_others() {
  const pid_t conductor = ::getpid();
  for (std::size_t process = 1; process < board_.slots().size(); ++process) {
    const pid_t pid = ::fork();
    if (pid < 0) {
      fail(std::string("cannot fork: ") + std::strerror(errno));
      return;
    }
    if (pid > 0) {
      others_.push_back(pid);
      continue;
    }
    // Do not outlive the first process, which may have died before this line.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != conductor) ::_exit(0);
    be_other(process);
  }
}

void Run::be_other(std::size_t process) {
  try {
    Generator generator({options_, *dialect_, schedule_, board_}, process);
    generator.follow();
  } catch (const std::exception& unexpected) {
    board_.slots()[process].fail(unexpected.what());
  }
  ::_exit(0);
}

bool Run::in_trouble() {
  if (!trouble_.empty()) return true;
  const std::int64_t now = now_ns();
  if (now < next_look_) return false;
  next_look_ = now + kLookInterval;
  for (const Slot& slot : board_.slots()) {
    if (slot.failed.load(std::memory_order_acquire)) return !fail(slot.trouble.data());
  }
  if (board_.sum(&Slot::closed) == options_.connections()) {
    return !fail("the server closed all connections");
  }
  for (pid_t& pid : others_) {
    if (::waitpid(pid, nullptr, WNOHANG) != pid) continue;
    std::swap(pid, others_.back());
    others_.pop_back();
    if (board_.phase().load() == Phase::kFinish) break;
    return !fail("a process of the generator died");
  }
  return false;
}

bool Run::turn_until(const std::function<bool()>& over,
                     const std::function<std::uint64_t()>& progress, std::int64_t patience_ns,
                     const std::function<void()>& show) {
  std::uint64_t last = progress();
  std::int64_t moved = now_ns();
  while (!over()) {
    if (in_trouble()) return false;
    generator_->turn(std::min(now_ns() + kTurn, wake_ns_));
    if (const std::uint64_t current = progress(); current != last) {
      last = current;
      moved = now_ns();
    } else if (now_ns() - moved > patience_ns) {
      return false;
    }
    show();
  }
  return !in_trouble();
}

bool Run::turn_for(std::int64_t ns, std::string_view phase) {
  const std::int64_t begin = now_ns();
  for (std::int64_t now = begin; now < begin + ns; now = now_ns()) {
    if (in_trouble()) return false;
    generator_->turn(std::min(begin + ns, now + 10 * kTurn));
    progress_.show(now, phase, static_cast<double>(now - begin) / static_cast<double>(ns), {});
  }
  return true;
}

bool Run::take_sample(Sample& sample) {
  sample.at_ns = now_ns();
  sample.generator_cpu_ns = generator_cpu_ns();
  sample.received = board_.sum(&Slot::received);
  sample.responses = board_.sum(&Slot::responses);
  sample.acknowledged = generator_ != nullptr ? generator_->publisher().acknowledged() : 0;
  const auto cpu = stats_.cpu_ns();
  if (!cpu) return fail(cpu.error());
  sample.cpu_ns = *cpu;
  return true;
}

std::uint64_t Run::generator_cpu_ns() const {
  std::vector<clockid_t> clocks{CLOCK_PROCESS_CPUTIME_ID};
  for (const pid_t pid : others_) {
    if (clockid_t clock{}; ::clock_getcpuclockid(pid, &clock) == 0) clocks.push_back(clock);
  }
  std::uint64_t sum = 0;
  for (const clockid_t clock : clocks) {
    timespec time{};
    if (::clock_gettime(clock, &time) != 0) continue;
    sum += static_cast<std::uint64_t>(time.tv_sec * kSecond + time.tv_nsec);
  }
  return sum;
}

bool Run::sample_memory(std::uint64_t& bytes) {
  const auto pss = stats_.pss_bytes();
  if (!pss) return fail(pss.error());
  bytes = *pss;
  return true;
}

std::optional<double> Run::cpu_us(const Sample& from, const Sample& to, double count) const {
  if (!stats_.watches() || count <= 0) return std::nullopt;
  return static_cast<double>(to.cpu_ns - from.cpu_ns) / 1e3 / count;
}

bool Run::subscribe() {
  // What cannot be published to is better known before a million have subscribed.
  if (options_.publishes() || options_.background_rate > 0) {
    const auto admin = Connector(options_.admin, 0).open_and_wait(5000);
    if (!admin) return fail(admin.error());
  }
  Sample before;
  Results::Memory memory;
  if (!take_sample(before) || !sample_memory(memory.pss_before)) return false;

  fork_others();
  if (!trouble_.empty()) return false;
  const std::int64_t begin = now_ns();
  generator_ =
      std::make_unique<Generator>(Subscribers::Context{options_, *dialect_, schedule_, board_}, 0);
  generator_->subscribers().open_more();
  const std::uint64_t wanted = options_.connections();
  const auto subscribed = [&] { return board_.sum(&Slot::subscribed); };
  const bool all =
      turn_until([&] { return subscribed() == wanted; }, subscribed, patience_.subscribe_ns,
                 [&] {
                   progress_.show(now_ns(), "subscribing",
                                  static_cast<double>(subscribed()) / static_cast<double>(wanted),
                                  fmt::format("{} of {}", subscribed(), wanted));
                 });
  if (!all) {
    return fail(fmt::format("{} of {} subscribers are in place, and no more for {} s", subscribed(),
                            wanted, to_seconds(patience_.subscribe_ns)));
  }
  results_.subscribe.seconds = to_seconds(now_ns() - begin);

  Sample after;
  if (!turn_for(patience_.rest_ns, "resting") || !take_sample(after) ||
      !sample_memory(memory.pss_after)) {
    return false;
  }
  const auto count = static_cast<double>(wanted);
  results_.subscribe.cpu_us_per_connection = cpu_us(before, after, count);
  if (stats_.watches()) {
    memory.bytes_per_subscriber =
        (static_cast<double>(memory.pss_after) - static_cast<double>(memory.pss_before)) / count;
    results_.memory = memory;
  }
  return true;
}

bool Run::idle() {
  if (options_.idle_s <= 0) return true;
  Sample before;
  Sample after;
  if (!take_sample(before) || !turn_for(from_seconds(options_.idle_s), "idle") ||
      !take_sample(after)) {
    return false;
  }
  Results::Idle idle;
  idle.seconds = to_seconds(after.at_ns - before.at_ns);
  idle.cpu_us_per_subscriber_second =
      cpu_us(before, after, idle.seconds * static_cast<double>(options_.connections()));
  results_.idle = idle;
  return true;
}

// Publishers connect only now: a server may close what is idle for long.
bool Run::find_numbers() {
  if (auto trouble = generator_->connect_publishers()) return fail(std::move(*trouble));
  if (!options_.publishes() || dialect_->numbering() != Numbering::kHeard) return true;
  generator_->publisher().probe();
  const std::uint64_t wanted = options_.subscribers - options_.slow;
  const auto placed = [&] { return board_.sum(&Slot::placed); };
  const auto over = [&] { return placed() == wanted && generator_->publisher().probe_answered(); };
  if (turn_until(over, placed, patience_.silence_ns, [] {})) return true;
  return fail(fmt::format("the first message reached {} of {} subscribers", placed(), wanted));
}

bool Run::publish() {
  if (!options_.publishes()) return true;
  const std::int64_t warmup = from_seconds(options_.warmup_s);
  const std::int64_t length = warmup + from_seconds(options_.duration_s);
  const bool open_loop = options_.closed_loop == 0;
  Publisher::Task task;
  task.start_ns = now_ns() + kBeforeStart;
  task.end_ns = task.start_ns + length;
  task.window = options_.closed_loop;
  if (open_loop) {
    task.messages = schedule_.intended_before(length);
    first_measured_ = schedule_.intended_before(warmup);
    if (task.messages == first_measured_) return fail("at this --rate no message is measured");
    board_.first_measured().store(first_measured_);
  }
  board_.start_ns().store(task.start_ns);
  board_.phase().store(Phase::kPublish);
  Publisher& publisher = generator_->publisher();
  publisher.start(task);
  generator_->start_background(task.start_ns, length);
  generator_->subscribers().start_churn(task.start_ns, task.end_ns);

  const auto half_interval = static_cast<std::int64_t>(schedule_.interval_ns() / 2);
  wake_ns_ = task.start_ns + warmup - std::min(kMostBeforeMeasuring, half_interval);
  const auto show = [&](std::string_view phase) {
    const std::int64_t now = now_ns();
    progress_.show(now, phase,
                   static_cast<double>(now - task.start_ns) / static_cast<double>(length),
                   fmt::format("{} deliveries", board_.sum(&Slot::received)));
  };
  const auto moved = [&] { return board_.sum(&Slot::received) + publisher.acknowledged(); };
  const auto warm = [&] { return now_ns() >= wake_ns_; };
  if (!turn_until(warm, moved, 2 * length + patience_.silence_ns, [&] { show("warming up"); }))
    return false;
  Sample before;
  if (!take_sample(before)) return false;
  if (!open_loop) {
    first_measured_ = publisher.published();
    board_.first_measured().store(first_measured_);
  }

  wake_ns_ = task.end_ns;
  const std::int64_t latest = task.end_ns + length + kLateness;
  const auto published = [&] {
    const std::int64_t now = now_ns();
    if (now > latest) {
      fail(fmt::format("the server takes {} messages where {} were due", publisher.acknowledged(),
                       task.messages));
    }
    return now >= task.end_ns && publisher.done(now);
  };
  const std::int64_t patience = patience_.silence_ns + 4 * half_interval;
  if (!turn_until(published, moved, patience, [&] { show("publishing"); })) {
    return fail(fmt::format("{} of {} publishes were answered, and no more for {} s",
                            publisher.acknowledged(), publisher.published(),
                            to_seconds(patience_.silence_ns)));
  }
  wake_ns_ = kNever;
  const Totals all = totals(0);
  const auto arrived = [&] { return board_.sum(&Slot::received) >= all.deliveries; };
  // That something stays away is a finding, no trouble.
  turn_until(arrived, moved, patience_.silence_ns, [&] { show("waiting"); });
  Sample after;
  if (in_trouble() || !take_sample(after)) return false;
  note_publish(before, after, task.start_ns + warmup);
  return true;
}

void Run::note_publish(const Sample& before, const Sample& after, std::int64_t begin_ns) {
  Results::Publish publish;
  publish.seconds = to_seconds(after.at_ns - begin_ns);
  if (options_.closed_loop == 0) publish.offered_per_second = options_.rate;
  const Totals counted = totals(first_measured_);
  publish.published = generator_->publisher().published() - first_measured_;
  publish.acknowledged = counted.messages;
  publish.expected = counted.deliveries;
  publish.deliveries = board_.sum(&Slot::measured);
  publish.deliveries_per_second = static_cast<double>(publish.deliveries) / publish.seconds;
  // CPU and what it was spent for are counted between the same moments: at the first of them a
  // server that lags behind still has messages of the warm-up to deliver.
  publish.cpu_us_per_delivery =
      cpu_us(before, after, static_cast<double>(after.received - before.received));
  publish.cpu_us_per_message =
      cpu_us(before, after, static_cast<double>(after.acknowledged - before.acknowledged));
  if (options_.polls()) {
    publish.responses = after.responses - before.responses;
    publish.cpu_us_per_response = cpu_us(before, after, static_cast<double>(*publish.responses));
  }
  publish.generator_load = static_cast<double>(after.generator_cpu_ns - before.generator_cpu_ns) /
                           static_cast<double>(after.at_ns - before.at_ns);
  if (stats_.watches()) {
    publish.server_cpu_seconds = static_cast<double>(after.cpu_ns - before.cpu_ns) / 1e9;
  }
  results_.publish = publish;
}

Run::Totals Run::totals(std::uint64_t from) {
  const std::uint64_t readers = options_.subscribers - options_.slow;
  Totals totals;
  for (std::uint64_t channel = 0; channel < options_.channels; ++channel) {
    const std::uint64_t connection = schedule_.connection_of(channel);
    const std::uint64_t all = schedule_.done_on(channel, board_.acknowledged()[connection].get());
    const std::uint64_t counted =
        all - std::min(all, Schedule::share(channel, options_.channels, from));
    totals.messages += counted;
    totals.deliveries += counted * Schedule::share(channel, options_.channels, readers);
  }
  return totals;
}

bool Run::finish() {
  board_.phase().store(Phase::kFinish);
  generator_->finish();
  const auto finished = [&] {
    const std::span<Slot> slots = board_.slots();
    return static_cast<std::uint64_t>(
        std::ranges::count_if(slots, [](const Slot& slot) { return slot.finished.load(); }));
  };
  const std::uint64_t wanted = board_.slots().size();
  if (!turn_until([&] { return finished() == wanted; }, finished, kFinishPatience, [] {})) {
    return fail("a process of the generator does not end");
  }
  if (options_.slow > 0) results_.slow = {options_.slow, board_.sum(&Slot::slow_closed)};
  if (!results_.publish) return true;
  Results::Publish& publish = *results_.publish;
  publish.missing = board_.sum(&Slot::missing);
  publish.repeated = board_.sum(&Slot::repeated);
  publish.out_of_order = board_.sum(&Slot::out_of_order);
  publish.closed = board_.sum(&Slot::closed) - board_.sum(&Slot::slow_closed);
  results_.latency = std::make_unique<Histogram>();
  for (const Slot& slot : board_.slots()) results_.latency->add(slot.latency);
  return true;
}

}  // namespace load
