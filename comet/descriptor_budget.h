// How many of the process's descriptors are not connections.
//
// Functions of their arguments.
#pragma once

#include <cstddef>

namespace comet {

// The standard three, the log, the pidfile; and of each reactor its epoll instance and its waker,
// beside its listeners.
constexpr std::size_t descriptors_kept(std::size_t reactors, std::size_t listeners) {
  constexpr std::size_t kOfProcess = 5;
  constexpr std::size_t kOfReactor = 2;
  return kOfProcess + reactors * (kOfReactor + listeners);
}

}  // namespace comet
