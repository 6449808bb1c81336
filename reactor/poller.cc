#include "reactor/poller.h"

#include <time.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "reactor/check.h"

namespace reactor {
namespace {

std::uint64_t pack(Token token) {
  return (static_cast<std::uint64_t>(token.generation) << 32) | token.index;
}

Token unpack(std::uint64_t data) {
  return {static_cast<std::uint32_t>(data), static_cast<std::uint32_t>(data >> 32)};
}

bool control(const Fd& epoll, int operation, const Fd& fd, std::uint32_t events, Token token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = pack(token);
  return epoll_ctl(epoll.get(), operation, fd.get(), &event) == 0;
}

}  // namespace

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) { CHECK(epoll_); }

bool Poller::watch_edges(const Fd& fd, Token token) {
  return control(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, token);
}

// Before any client is there: what fails here is a mistake of ours.
void Poller::watch_level(const Fd& fd, Token token) {
  CHECK(control(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN, token));
}

void Poller::pause(const Fd& fd, Token token) {
  CHECK(control(epoll_, EPOLL_CTL_MOD, fd, 0, token));
}

void Poller::resume(const Fd& fd, Token token) {
  CHECK(control(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN, token));
}

bool Poller::watch_shared(const Fd& fd, Token token) {
  return control(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLEXCLUSIVE, token);
}

// Also of what is not watched: a watch that failed needs no remembering.
void Poller::unwatch(const Fd& fd) { control(epoll_, EPOLL_CTL_DEL, fd, 0, {}); }

int Poller::wait_raw(std::int64_t timeout_us) {
  if (timeout_us <= 0) {
    return epoll_wait(epoll_.get(), raw_.data(), kEventsMax, timeout_us < 0 ? -1 : 0);
  }
  if (!waits_in_ms_) {
    timespec timeout{};
    timeout.tv_sec = timeout_us / 1'000'000;
    timeout.tv_nsec = timeout_us % 1'000'000 * 1000;
    const int count = epoll_pwait2(epoll_.get(), raw_.data(), kEventsMax, &timeout, nullptr);
    if (count >= 0 || errno != ENOSYS) return count;
    waits_in_ms_ = true;
  }
  constexpr std::int64_t kLongestMs = std::numeric_limits<int>::max();
  const auto timeout_ms = std::min(timeout_us / 1000 + (timeout_us % 1000 != 0), kLongestMs);
  return epoll_wait(epoll_.get(), raw_.data(), kEventsMax, static_cast<int>(timeout_ms));
}

std::span<const Event> Poller::wait(std::int64_t timeout_us) {
  int count = wait_raw(timeout_us);
  if (count < 0) {
    CHECK(errno == EINTR);
    count = wait_raw(0);
    CHECK(count >= 0);
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::uint32_t bits = raw_[i].events;
    const bool closed = (bits & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    events_[i] = {unpack(raw_[i].data.u64), (bits & EPOLLIN) != 0 || closed, (bits & EPOLLOUT) != 0,
                  closed, (bits & EPOLLERR) != 0};
  }
  return {events_.data(), static_cast<std::size_t>(count)};
}

}  // namespace reactor
