// One process of the generator: one loop for its subscribers and, in the first, the publishers.
//
// Between any two reads it looks at the time, so that publishing is not held up by what arrives.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "bench/load/publisher.h"
#include "bench/load/sockets.h"
#include "bench/load/subscribers.h"

namespace load {

class Generator {
 public:
  Generator(const Subscribers::Context& context, std::size_t process);

  // Handles what comes, and returns after that, at `until` at the latest.
  void turn(std::int64_t until);

  Subscribers& subscribers() { return subscribers_; }

  // Only of the first process, once connected.
  std::optional<std::string> connect_publishers();
  Publisher& publisher() { return publisher_; }
  // From `start_ns` on, for so long.
  void start_background(std::int64_t start_ns, std::int64_t length_ns);

  // What a process does that does not conduct, until the run is over.
  void follow();
  // The last that every process does.
  void finish();

 private:
  void handle(std::span<epoll_event> events, std::int64_t& now);
  void handle_background(std::int64_t& now);
  void publish_due(std::int64_t now);

  const Options& options_;
  Board& board_;
  Slot& slot_;
  Epoll epoll_;
  Epoll background_epoll_;
  Subscribers subscribers_;
  Schedule background_schedule_;
  Publisher publisher_;
  Publisher background_;
  std::array<epoll_event, 256> events_;
};

}  // namespace load
