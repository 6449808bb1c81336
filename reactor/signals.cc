#include "reactor/signals.h"

#include <signal.h>
#include <time.h>

#include <array>

#include "reactor/check.h"

namespace reactor {
namespace {

struct Row {
  int number;
  Signal meaning;
};
constexpr std::array<Row, 4> kSignals{{
    {SIGTERM, Signal::kStop},
    {SIGINT, Signal::kStop},
    {SIGHUP, Signal::kReload},
    {SIGUSR1, Signal::kReopen},
}};

sigset_t signal_set() {
  sigset_t set;
  sigemptyset(&set);
  for (const Row& row : kSignals) sigaddset(&set, row.number);
  return set;
}

// Waits for the time given, or for ever. Nothing when the time is over, or when a stop and
// continue of the process interrupted the call (signal(7)).
std::optional<Signal> wait_once(const timespec* time) {
  const sigset_t set = signal_set();
  const int number =
      time == nullptr ? sigwaitinfo(&set, nullptr) : sigtimedwait(&set, nullptr, time);
  for (const Row& row : kSignals) {
    if (row.number == number) return row.meaning;
  }
  return std::nullopt;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = signal_set();
  CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  signal(SIGPIPE, SIG_IGN);
}

Signal Signals::wait() {
  for (;;) {
    if (const auto signal = wait_once(nullptr)) return *signal;
  }
}

std::optional<Signal> Signals::wait_for(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  const std::chrono::nanoseconds rest = time - seconds;
  const timespec timeout{static_cast<time_t>(seconds.count()), static_cast<long>(rest.count())};
  return wait_once(&timeout);
}

}  // namespace reactor
