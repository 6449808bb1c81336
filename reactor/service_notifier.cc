#include "reactor/service_notifier.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "reactor/clock.h"
#include "reactor/environment.h"
#include "reactor/fd.h"

namespace reactor {
ServiceNotifier ServiceNotifier::from_environment() {
  std::string socket = take_variable("NOTIFY_SOCKET");
  const auto patience_us = parse_number(take_variable("WATCHDOG_USEC"));
  const auto pid = parse_number(take_variable("WATCHDOG_PID"));
  // sd_watchdog_enabled(3): the number of another process, or none, or nonsense.
  const bool is_for_us = !pid || *pid == ::getpid();
  std::optional<std::chrono::microseconds> watchdog;
  if (is_for_us && patience_us && *patience_us > 0) {
    watchdog = std::chrono::microseconds(*patience_us);
  }
  return {std::move(socket), watchdog};
}

void ServiceNotifier::ready(std::string_view status) const {
  send(std::string("READY=1\nSTATUS=").append(status).append("\n"));
}

// The time lets the manager tell this reload's end from an earlier one's.
void ServiceNotifier::reloading() const {
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(Now::read().monotonic_us) + "\n");
}

void ServiceNotifier::stopping(std::string_view status) const {
  send(std::string("STOPPING=1\nSTATUS=").append(status).append("\n"));
}

void ServiceNotifier::alive() const { send("WATCHDOG=1\n"); }

std::optional<std::chrono::milliseconds> ServiceNotifier::watchdog_interval() const {
  if (!watchdog_ || socket_.empty()) return std::nullopt;
  const auto interval = std::chrono::duration_cast<std::chrono::milliseconds>(*watchdog_ / 4);
  return std::max(interval, std::chrono::milliseconds(1));
}

// What cannot be told is not worth an end: the manager draws its own conclusions.
void ServiceNotifier::send(std::string_view state) const {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const bool is_address = !socket_.empty() && (socket_[0] == '/' || socket_[0] == '@');
  if (!is_address || socket_.size() >= sizeof to.sun_path) return;
  std::memcpy(to.sun_path, socket_.data(), socket_.size());
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return;
  [[maybe_unused]] const ssize_t sent = ::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
                                                 reinterpret_cast<const sockaddr*>(&to), size);
}

}  // namespace reactor
