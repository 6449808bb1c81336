// How a connection to the front port is received, and what one that is too many gets to hear.
//
// Values and pure functions; any core. A connection that is too many is kept for as long as it
// takes to answer its first request, if there is room for that. Whether its address is welcome at
// all is Admission's matter.
#pragma once

#include <cstdint>

#include "comet/close_reason.h"
#include "comet/reply.h"

namespace comet {

enum class Entry : std::uint8_t {
  kGranted,
  kServerFull,     // front.max_connections, or what the descriptor limit allows
  kAddressFull,    // front.max_connections_per_address
  kNoDescriptors,  // the limit was reached all the same: others took them
};

// Of one that is not granted.
CloseReason reason_of(Entry entry);

// What its first request is answered. `turn` is any number that differs between connections: those
// who are to come back later are spread by it.
Reply refusal_of(Entry entry, std::uint32_t turn);

}  // namespace comet
