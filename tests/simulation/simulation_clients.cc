// The part of Simulation that makes clients come, read, stall and go.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "tests/simulation/names.h"
#include "tests/simulation/simulation.h"

namespace simulation {

using comet::Transport;
using support::kEverything;
using support::MemorySession;

namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

// About where a message of former times stands, or where one is missing.
std::int64_t some_old(const ModelChannel* channel, Dice& dice) {
  if (channel == nullptr || channel->messages.empty()) return 2;
  auto message = channel->messages.begin();
  std::advance(message, static_cast<std::ptrdiff_t>(dice.below(channel->messages.size())));
  return static_cast<std::int64_t>(message->first + dice.below(3));
}

}  // namespace

const std::string& Simulation::some_name(Dice& dice) {
  return kNames[dice.below(plan_.channel_names)];
}

comet::SubscribeRequest Simulation::request(const std::string& name, Dice& dice) {
  comet::SubscribeRequest request;
  request.framing.transport = dice.one_of(std::array{
      Transport::kStream, Transport::kStream, Transport::kIframe, Transport::kIframe,
      Transport::kSse, Transport::kSse, Transport::kPoll, Transport::kPoll, Transport::kTail});
  const ModelChannel* channel = model_.living(name);
  const auto next = static_cast<std::int64_t>(channel != nullptr ? channel->next() : 1);
  request.wanted = dice.one_of(std::array<std::int64_t, 12>{0, 0, 1, next, next, next - 1, next - 2,
                                                            next + 1, next + 50, -next, kLargest,
                                                            some_old(channel, dice)});
  request.framing.chunked = dice.chance(80);
  request.keep_alive = dice.chance(80);
  request.noop = dice.one_of(std::array<std::int64_t, 5>{0, 0, 7, -1, kLargest});
  request.name = world_.named(raw_name(name));
  if (request.framing.transport == Transport::kPoll && dice.chance(50)) {
    request.poll = {true, "parent.cb[1]"};
  }
  if (settings().auth == comet::Auth::kToken && dice.chance(90)) {
    request.has_token = true;
    if (channel != nullptr && channel->token && dice.chance(90)) request.token = *channel->token;
  }
  return request;
}

void Simulation::crowd(std::size_t core, Dice& dice) {
  const std::string& name = some_name(dice);
  for (std::size_t more = 60 + dice.below(120); more > 0; --more) subscribe(core, name, dice);
}

void Simulation::subscribe(std::size_t core, const std::string& name, Dice& dice) {
  come(core, name, request(name, dice), dice);
}

void Simulation::come(std::size_t core, const std::string& name, comet::SubscribeRequest&& request,
                      Dice& dice) {
  Peer peer;
  peer.core = core;
  peer.name = name;
  peer.request = std::move(request);
  const std::size_t room = dice.chance(60) ? kEverything : dice.below(400);
  peer.hindered = room != kEverything;
  Subscription& added = announce(std::move(peer));
  const std::uint32_t session =
      world_.subscribe(comet::SubscribeRequest(added.peer.request), core, room);
  settle_in({core, session}, {&added});
}

// Somebody whose server has ended, where he was.
void Simulation::come_back(std::size_t core, Dice& dice) {
  if (cut_off_.empty()) return;
  const std::size_t which = dice.below(cut_off_.size());
  const Subscription& before = *cut_off_[which];
  cut_off_.erase(cut_off_.begin() + static_cast<std::ptrdiff_t>(which));
  note(journal_, "      peer {} comes back", before.peer.number);
  comet::SubscribeRequest again = request(before.peer.name, dice);
  again.wanted = static_cast<std::int64_t>(before.follower.next());
  come(core, before.peer.name, std::move(again), dice);
}

void Simulation::poll_again(Dice& dice) {
  if (answered_.empty()) return;
  const std::size_t which = dice.below(answered_.size());
  const Place place = answered_[which];
  answered_.erase(answered_.begin() + static_cast<std::ptrdiff_t>(which));
  const MemorySession& connection = session(place);
  if (connection.gone || !connection.kept.empty()) return;
  if (const BundleFollower* before = client(place).bundle) {
    poll_bundle_again(place, *before, dice);
    return;
  }
  const Subscription& before = *client(place).subscription;
  Peer peer;
  peer.core = place.core;
  peer.name = before.peer.name;
  peer.request = request(peer.name, dice);
  peer.request.returns = true;
  peer.hindered = connection.room != kEverything;
  if (before.peer.is_poll() && dice.chance(80)) {
    peer.request.framing.transport = Transport::kPoll;
    peer.request.wanted = static_cast<std::int64_t>(before.follower.next());
  }
  Subscription& added = announce(std::move(peer));
  world_.subscribe_again(place.session, comet::SubscribeRequest(added.peer.request), place.core);
  settle_in(place, {&added});
}

// The model must know of it before its home does, which may be this core.
Subscription& Simulation::announce(Peer&& peer) {
  acting_core_ = peer.core;
  peer.number = subscriptions_.size() + 1;
  peer.heard_ms = world_.now_ms();
  note(journal_, "      peer {} on core {}: /{} of {}, seq {}, noop {}{}{}", peer.number, peer.core,
       comet::row_of(peer.request.framing.transport).name, peer.name, peer.request.wanted,
       peer.request.noop, peer.request.framing.chunked ? "" : ", HTTP/1.0",
       peer.hindered ? ", slow" : "");
  note_who_is_ahead(peer);
  Subscription& added = subscriptions_.emplace_back(std::move(peer), gaps_);
  world_.tag = added.peer.number;
  const std::size_t home = home_of(added.peer.name);
  if (home == added.peer.core) {
    join(added.peer, home);
  } else if (!added.peer.observes() &&
             world_.wire(added.peer.core).backlog(home) > comet::kCongestedBacklog) {
    added.peer.admission = Admission::kOverloaded;
  }
  return added;
}

void Simulation::settle_in(Place place, Client who) {
  world_.tag = 0;
  new_channels_ = 0;
  clients_[place.core].resize(world_.wire(place.core).size());
  client(place) = who;
  if (who.subscription != nullptr) {
    Peer& peer = who.subscription->peer;
    peer.session = place.session;
    peer.seated = home_of(peer.name) == peer.core;
  }
  if (who.bundle != nullptr) {
    for (Subscription* channel : who.bundle->all()) {
      channel->peer.session = place.session;
      channel->peer.seated = home_of(channel->peer.name) == place.core;
    }
  }
  // A connection that is used again may be among them.
  std::erase(open_, place);
  open_.push_back(place);
  touched_.push_back(place);
}

void Simulation::watch(std::size_t core, Dice& dice) {
  note(journal_, "      watcher {} on core {}", watchers_.size() + 1, core);
  const std::size_t room = dice.chance(70) ? kEverything : dice.below(400);
  const auto events =
      dice.chance(50) ? comet::PresenceEvents::kSubscribers : comet::PresenceEvents::kChannels;
  const std::uint32_t session = world_.watch_presence(core, room, events);
  Watcher& added = watchers_.emplace_back(watchers_.size() + 1,
                                          comet::Framing{Transport::kPresence, true}, events);
  settle_in({core, session}, {nullptr, &added});
}

void Simulation::on_some_session(Verb verb, Dice& dice) {
  constexpr std::size_t kRecent = 60;
  for (int tries = 0; tries < 8 && !open_.empty(); ++tries) {
    const std::size_t back = dice.below(std::min(open_.size(), kRecent));
    const Place place = open_[open_.size() - 1 - back];
    MemorySession& chosen = session(place);
    if (!chosen.listening) continue;
    acting_core_ = place.core;
    Subscription* subscription = client(place).subscription;
    note(journal_, "      {}", description_of(place));
    switch (verb) {
      case Verb::kRead:
        world_.grant(place.session, dice.chance(25) ? kEverything : dice.below(300), place.core);
        break;
      case Verb::kStall:
        chosen.room = dice.below(100);
        if (subscription != nullptr) subscription->peer.hindered = true;
        if (client(place).bundle != nullptr) client(place).bundle->hindered = true;
        break;
      case Verb::kDie:
        chosen.lives = dice.below(400);
        chosen.gone = chosen.lives == 0;
        break;
      default:
        leave(place, verb);
        break;
    }
    return;
  }
}

void Simulation::leave(Place place, Verb verb) {
  awake_[place.core] = true;
  if (Subscription* subscription = client(place).subscription) subscription->peer.left = true;
  if (Watcher* watcher = client(place).watcher) watcher->left = true;
  if (BundleFollower* bundle = client(place).bundle) {
    bundle->left = true;
    for (Subscription* channel : bundle->present()) channel->peer.left = true;
  }
  if (verb == Verb::kHalfClose) {
    world_.half_close(place.session, place.core);
  } else {
    world_.leave(place.session, place.core);
  }
}

std::string Simulation::description_of(Place place) {
  const Client& who = client(place);
  if (who.bundle != nullptr) return fmt::format("bundle {}", who.bundle->number());
  return who.subscription != nullptr ? fmt::format("peer {}", who.subscription->peer.number)
                                     : fmt::format("watcher {}", who.watcher->number());
}

}  // namespace simulation
