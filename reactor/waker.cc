#include "reactor/waker.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "reactor/check.h"

namespace reactor {

Waker::Waker() : event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { CHECK(event_); }

void Waker::signal() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then a wake-up is due anyway (eventfd(2)).
  [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
}

void Waker::drain() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(event_.get(), &count, sizeof count);
}

}  // namespace reactor
