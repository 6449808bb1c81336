// The part of Simulation that makes connections with several channels, and changes them.
#include <algorithm>
#include <utility>

#include "tests/simulation/names.h"
#include "tests/simulation/simulation.h"

namespace simulation {

using comet::Transport;
using support::kEverything;

std::vector<std::string> Simulation::some_names(std::size_t least, Dice& dice) {
  std::vector<std::string> names(kNames.begin(),
                                 kNames.begin() + static_cast<std::ptrdiff_t>(plan_.channel_names));
  for (std::size_t i = names.size(); i > 1; --i) std::swap(names[i - 1], names[dice.below(i)]);
  // Few enough for each to get as much history at once as if it were alone.
  const std::size_t most = std::min(settings().max_channels_per_connection, 4u);
  if (names.size() > most) names.resize(most);
  least = std::min(least, names.size());
  names.resize(least + dice.below(names.size() - least + 1));
  return names;
}

void Simulation::bundle(std::size_t core, Dice& dice) {
  const bool websocket = dice.chance(40);
  const std::vector<std::string> names = some_names(websocket ? 0 : 2, dice);
  if (!websocket && names.size() < 2) return;
  comet::SubscribeRequest all;
  for (const std::string& name : names) {
    comet::SubscribeRequest one = request(name, dice);
    if (one.framing.transport == Transport::kTail) one.framing.transport = Transport::kStream;
    if (!all.has_channel()) {
      all = std::move(one);
    } else {
      all.more.push_back(one);
    }
  }
  if (all.framing.transport != Transport::kPoll) all.poll = {};
  if (websocket) {
    all.framing = {Transport::kWebSocket, false};
    all.poll = {};
  }
  const std::size_t room = dice.chance(60) ? kEverything : dice.below(400);
  BundleFollower& added = announce_bundle(core, all, names);
  added.hindered = room != kEverything;
  const std::uint32_t session = world_.subscribe(comet::SubscribeRequest(all), core, room);
  settle_in({core, session}, {nullptr, nullptr, &added});
}

BundleFollower& Simulation::announce_bundle(std::size_t core,
                                            const comet::SubscribeRequest& request,
                                            const std::vector<std::string>& names) {
  note(journal_, "      bundle {} on core {}: /{}, noop {}{}", bundles_.size() + 1, core,
       comet::row_of(request.framing.transport).name, request.noop,
       request.framing.chunked ? "" : ", HTTP/1.0");
  std::vector<Subscription*> channels;
  const std::size_t first = subscriptions_.size() + 1;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Peer peer;
    peer.core = core;
    peer.name = names[i];
    peer.request = request;
    static_cast<comet::Subscription&>(peer.request) = i == 0 ? request : request.more[i - 1];
    peer.bundled = true;
    channels.push_back(&announce(std::move(peer)));
  }
  world_.tag = first;
  BundleFollower& added = bundles_.emplace_back(bundles_.size() + 1, request, channels);
  added.heard_ms = world_.now_ms();
  return added;
}

void Simulation::poll_bundle_again(Place place, const BundleFollower& before, Dice& dice) {
  // What is asked of homes here must be asked in any case.
  if (session(place).lives != kEverything) return;
  const std::deque<Subscription*>& channels = before.all();
  comet::SubscribeRequest all = channels.front()->peer.request;
  all.more.clear();
  std::vector<std::string> names;
  for (const Subscription* channel : channels) {
    comet::SubscribeRequest one = request(channel->peer.name, dice);
    if (dice.chance(80)) one.wanted = static_cast<std::int64_t>(channel->follower.next());
    if (names.empty()) {
      static_cast<comet::Subscription&>(all) = one;
    } else {
      all.more.push_back(one);
    }
    names.push_back(channel->peer.name);
  }
  BundleFollower& added = announce_bundle(place.core, all, names);
  added.hindered = session(place).room != kEverything;
  world_.subscribe_again(place.session, comet::SubscribeRequest(all), place.core);
  settle_in(place, {nullptr, nullptr, &added});
}

std::optional<Simulation::Place> Simulation::some_websocket(Dice& dice) {
  std::vector<Place> websockets;
  for (const Place& place : open_) {
    const BundleFollower* bundle = client(place).bundle;
    if (bundle == nullptr || !bundle->is_websocket() || !session(place).listening) continue;
    websockets.push_back(place);
  }
  if (websockets.empty()) return std::nullopt;
  return websockets[dice.below(websockets.size())];
}

void Simulation::add_channel(Dice& dice) {
  const std::optional<Place> place = some_websocket(dice);
  if (!place) return;
  BundleFollower& bundle = *client(*place).bundle;
  const std::string& name = some_name(dice);
  acting_core_ = place->core;
  note(journal_, "      bundle {} asks for {}", bundle.number(), name);
  Peer peer;
  peer.core = place->core;
  peer.session = place->session;
  peer.name = name;
  peer.request = request(name, dice);
  peer.request.framing = bundle.framing();
  peer.bundled = true;
  const comet::Subscription channel = peer.request;
  const auto has = [&](const std::string& other) {
    return world_.hub(place->core).has_channel(session(*place).subscriber, raw_name(other));
  };
  if (has(name)) {
    bundle.expect_error(name, "already subscribed");
  } else if (std::ranges::count_if(kNames, has) >= settings().max_channels_per_connection) {
    bundle.expect_error(name, "too many channels");
  } else {
    Subscription& added = announce(std::move(peer));
    added.peer.seated = home_of(name) == place->core;
    bundle.added(added);
  }
  world_.add_channel(place->session, channel, place->core);
  world_.tag = 0;
  new_channels_ = 0;
  touched_.push_back(*place);
}

void Simulation::drop_channel(Dice& dice) {
  const std::optional<Place> place = some_websocket(dice);
  if (!place) return;
  BundleFollower& bundle = *client(*place).bundle;
  const std::string& name = some_name(dice);
  acting_core_ = place->core;
  note(journal_, "      bundle {} drops {}", bundle.number(), name);
  if (world_.hub(place->core).has_channel(session(*place).subscriber, raw_name(name))) {
    bundle.dropped(name);
  } else {
    bundle.expect_error(name, "not subscribed");
  }
  world_.drop_channel(place->session, raw_name(name), place->core);
  touched_.push_back(*place);
}

}  // namespace simulation
