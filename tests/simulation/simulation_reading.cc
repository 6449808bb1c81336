// The part of Simulation that reads what clients got.
#include <utility>

#include "tests/simulation/simulation.h"
#include "tests/simulation/violation.h"

namespace simulation {

using support::MemorySession;

void Simulation::read_what_arrived() {
  learn_all();
  // What is read changes nothing here, but the list is filled by whoever acts next.
  for (const Place& place : std::exchange(touched_, {})) read(place);
}

void Simulation::read(Place place) {
  MemorySession& session = this->session(place);
  if (Watcher* watcher = client(place).watcher) {
    for (const support::Event& line : watcher->read(session, model_)) {
      note(journal_, "      watcher {} got {}", watcher->number(), support::to_string(line));
    }
    return;
  }
  if (BundleFollower* bundle = client(place).bundle) {
    read(place, *bundle);
    return;
  }
  Subscription* subscription = client(place).subscription;
  if (subscription == nullptr) return;
  Peer& peer = subscription->peer;
  if (!session.received.empty()) peer.heard_ms = world_.now_ms();
  for (const support::Event& event : subscription->follower.read(session)) {
    note(journal_, "      peer {} got {:.80}", peer.number, support::to_string(event));
  }
  if (session.listening || peer.finished) return;
  peer.finished = true;
  INVARIANT(session.ended != comet::Ending::kLast || draining_[place.core],
            "peer {} was sent away, and nobody drains", peer.number);
  INVARIANT(session.ended != comet::Ending::kComplete || !draining_[place.core],
            "peer {} may stay on its connection, and its core drains", peer.number);
  const bool reusable = session.ended == comet::Ending::kComplete && peer.request.keep_alive &&
                        peer.request.framing.chunked;
  if (reusable && !peer.left) answered_.push_back(place);
}

void Simulation::read(Place place, BundleFollower& bundle) {
  MemorySession& session = this->session(place);
  if (!session.received.empty()) bundle.heard_ms = world_.now_ms();
  for (const support::Event& event : bundle.read(session)) {
    note(journal_, "      bundle {} got {:.80}", bundle.number(), support::to_string(event));
  }
  if (session.listening) {
    if (bundle.was_pinged()) world_.hub(place.core).heard(session.subscriber);
    return;
  }
  if (bundle.finished) return;
  bundle.finished = true;
  INVARIANT(session.ended != comet::Ending::kLast || draining_[place.core],
            "bundle {} was sent away, and nobody drains", bundle.number());
  INVARIANT(session.ended != comet::Ending::kComplete || !draining_[place.core],
            "bundle {} may stay on its connection, and its core drains", bundle.number());
  for (Subscription* channel : bundle.all()) channel->peer.finished = true;
  const bool reusable = session.ended == comet::Ending::kComplete && bundle.may_be_used_again();
  if (reusable && !bundle.left) answered_.push_back(place);
}

std::vector<const Peer*> Simulation::peers_at(Place place) {
  const Client& who = client(place);
  std::vector<const Peer*> peers;
  if (who.subscription != nullptr) peers.push_back(&who.subscription->peer);
  if (who.bundle != nullptr) {
    for (const Subscription* channel : who.bundle->present()) peers.push_back(&channel->peer);
  }
  return peers;
}

}  // namespace simulation
