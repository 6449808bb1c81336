// Tells a service manager how the process does: the protocol of sd_notify(3), without its library.
//
// Owned by main and used on its thread. Where no manager asked to be told, every call does nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reactor {

class ServiceNotifier {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID and takes them out of the environment, so
  // that no child speaks for this process. Before any thread starts (getenv(3)).
  static ServiceNotifier from_environment();

  // `socket` is a path, or a name of the abstract kind that begins with @; empty: nobody asked.
  ServiceNotifier(std::string socket, std::optional<std::chrono::microseconds> watchdog)
      : socket_(std::move(socket)), watchdog_(watchdog) {}

  // The start, or a reload, is over. `status` is one line for people.
  void ready(std::string_view status) const;
  void reloading() const;
  void stopping(std::string_view status) const;
  void alive() const;

  // How often alive() is due; nothing when the manager does not watch. Four times as often as the
  // manager's patience ends, so that one look that comes too early is not the end.
  [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog_interval() const;

 private:
  void send(std::string_view state) const;

  std::string socket_;
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace reactor
