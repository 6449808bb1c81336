#include "reactor/poller.h"

#include <cerrno>

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

std::span<const Event> Poller::wait(int timeout_ms) {
  const int count = epoll_wait(epoll_.get(), raw_.data(), kEventsMax, timeout_ms);
  if (count < 0) {
    CHECK(errno == EINTR);
    return {};
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::uint32_t bits = raw_[i].events;
    const bool closed = (bits & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    events_[i] = {unpack(raw_[i].data.u64), (bits & EPOLLIN) != 0 || closed, (bits & EPOLLOUT) != 0,
                  closed};
  }
  return {events_.data(), static_cast<std::size_t>(count)};
}

}  // namespace reactor
