// Where the whole server stands between its start and its end.
//
// One atomic in Shared, written by the thread that owns the Server and read by every core at the
// top of a turn. It only ever moves forward.
#pragma once

#include <cstdint>
#include <string_view>

namespace comet {

enum class ServerPhase : std::uint8_t {
  kServing,
  kDraining,  // no new connections; subscribers are sent away at a pace; the admin port answers
  kStopping,  // the threads are about to end
};

constexpr std::string_view name_of(ServerPhase phase) {
  switch (phase) {
    case ServerPhase::kServing:
      return "serving";
    case ServerPhase::kDraining:
      return "draining";
    case ServerPhase::kStopping:
      break;
  }
  return "stopping";
}

}  // namespace comet
