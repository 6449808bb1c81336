// One subscriber of a simulation, and what it got so far.
//
// Owned by a simulation; stays where it is, as the follower knows its peer.
#pragma once

#include <utility>

#include "tests/simulation/follower.h"
#include "tests/simulation/peer.h"

namespace simulation {

struct Subscription {
  Subscription(Peer&& who, const Gaps& gaps) : peer(std::move(who)), follower(peer, gaps) {}
  Peer peer;
  Follower follower;
};

}  // namespace simulation
