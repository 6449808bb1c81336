#include "tests/simulation/runner.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "tests/simulation/dice.h"
#include "tests/simulation/simulation.h"
#include "tests/simulation/violation.h"

namespace simulation {
namespace {

constexpr unsigned kLongestRunS = 60;
constexpr int kFailed = 1;

std::uint64_t luck_of(std::uint64_t seed) { return Dice(seed).below(12); }

// True when nothing was wrong.
bool run_here(const Plan& plan, Fault fault, std::uint64_t luck, Journal journal) {
  spdlog::set_level(spdlog::level::off);  // a disk that fails is part of the plan
  try {
    Simulation(plan, fault, luck, journal).run();
  } catch (const Violation& violation) {
    std::fprintf(stderr, "%s\n", violation.what.c_str());
    return false;
  }
  return !testing::Test::HasFailure();
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t n = 0; (n = ::read(fd, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return text;
}

int status_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

pid_t fork_child() {
  // What is buffered must not be printed twice.
  std::fflush(nullptr);
  return ::fork();
}

// What the children of find_failure() tell: memory that they share.
struct Board {
  static constexpr unsigned kJobsMax = 64;
  std::atomic<bool> found{false};
  std::array<std::atomic<std::uint64_t>, kJobsMax> at{};  // the seed that a job is at
};

[[noreturn]] void search(Board& board, unsigned job, unsigned jobs, Seeds seeds, Fault fault) {
  if (std::freopen("/dev/null", "w", stderr) == nullptr) std::abort();
  if (std::freopen("/dev/null", "w", stdout) == nullptr) std::abort();
  for (std::uint64_t i = job; i < seeds.count && !board.found; i += jobs) {
    const std::uint64_t seed = seeds.first + i;
    board.at[job] = seed;
    ::alarm(kLongestRunS);
    if (!run_here(plan(seed), fault, luck_of(seed), Journal::kOff)) ::_exit(kFailed);
  }
  ::alarm(0);
  std::exit(0);  // and not _exit(2): the address sanitizer looks for leaks now
}

}  // namespace

Outcome run(const Plan& plan, Fault fault, std::uint64_t luck, Journal journal) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return {true, "pipe(2) failed\n", true};
  const pid_t child = fork_child();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::alarm(kLongestRunS);
    const bool passed = run_here(plan, fault, luck, journal);
    std::fflush(nullptr);
    ::_exit(passed ? 0 : kFailed);
  }
  ::close(ends[1]);
  Outcome outcome;
  outcome.said = read_all(ends[0]);
  ::close(ends[0]);
  if (child < 0) return {true, "fork(2) failed\n", true};
  const int status = status_of(child);
  outcome.failed = status != 0;
  if (WIFSIGNALED(status)) {
    outcome.stopped = WTERMSIG(status) == SIGALRM || WTERMSIG(status) == SIGKILL;
    outcome.said +=
        fmt::format("ended by signal {} ({})\n", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  }
  return outcome;
}

Outcome run_seed(std::uint64_t seed, Fault fault, Journal journal) {
  return run(plan(seed), fault, luck_of(seed), journal);
}

std::optional<std::uint64_t> find_failure(Seeds seeds, Fault fault, unsigned jobs) {
  jobs = std::clamp(jobs, 1u, Board::kJobsMax);
  void* memory =
      ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return seeds.first;
  auto* board = new (memory) Board;
  std::vector<pid_t> children;
  for (unsigned job = 0; job < jobs; ++job) {
    children.push_back(fork_child());
    if (children.back() == 0) search(*board, job, jobs, seeds, fault);
  }
  std::optional<std::uint64_t> failing;
  for (unsigned job = 0; job < jobs; ++job) {
    if (status_of(children[job]) == 0) continue;
    board->found = true;
    failing = std::min(failing.value_or(board->at[job]), board->at[job].load());
  }
  ::munmap(memory, sizeof(Board));
  return failing;
}

// Delta debugging (Zeller and Hildebrandt, 2002): leaves out parts, ever smaller ones.
Plan shrink(Plan plan, Fault fault, std::uint64_t luck) {
  constexpr int kTriesMax = 1500;
  int tries = 0;
  for (std::size_t size = plan.script.size() / 2; size > 0 && tries < kTriesMax;) {
    bool shorter = false;
    for (std::size_t end = plan.script.size(); end > 0 && tries < kTriesMax;) {
      const std::size_t begin = end - std::min(size, end);
      Plan candidate = plan;
      candidate.script.erase(candidate.script.begin() + static_cast<std::ptrdiff_t>(begin),
                             candidate.script.begin() + static_cast<std::ptrdiff_t>(end));
      ++tries;
      if (run(candidate, fault, luck, Journal::kOff).failed) {
        plan = std::move(candidate);
        shorter = true;
      }
      end = begin;
    }
    if (size > 1 || !shorter) size /= 2;
  }
  return plan;
}

std::string report(std::uint64_t seed, Fault fault) {
  const Plan whole = plan(seed);
  const Plan shortest = shrink(whole, fault, luck_of(seed));
  const comet::HubSettings& settings = whole.settings;
  return fmt::format(
      "seed {} fails; of its {} actions these are enough:\n"
      "  ({} cores, auth {}, replay {} messages, windows of {} messages and {} bytes, rests of {} "
      "us,\n"
      "  channels live {} ms, at most {} channels and {} subscribers{},\n"
      "  {} numbers at first and {} more at a time, a snapshot every {} s)\n{}"
      "repeat it with: make sim SEED={}\n",
      seed, whole.script.size(), whole.cores,
      settings.auth == comet::Auth::kToken ? "token" : "none", settings.channel_buffer_size,
      settings.backlog_messages_max, settings.backlog_bytes_max, settings.coalesce_us,
      settings.channel_timeout_ms, settings.max_channels, settings.max_subscribers_per_channel,
      settings.create_channels ? "" : " who make none", whole.number_steps.first,
      whole.number_steps.next, whole.snapshot_interval_s,
      run(shortest, fault, luck_of(seed), Journal::kOn).said, seed);
}

}  // namespace simulation
