// The part of Simulation whose model follows what each home does: whom it lets in, what it spreads,
// what it forgets.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <variant>

#include "tests/simulation/ids.h"
#include "tests/simulation/names.h"
#include "tests/simulation/simulation.h"
#include "tests/simulation/violation.h"

namespace simulation {

using comet::Answer;
using comet::Outcome;
using support::HubWorld;

std::size_t Simulation::home_of(const std::string& name) const {
  return world_.home_of(raw_name(name));
}

void Simulation::before_receive(std::size_t from, std::size_t to,
                                const support::HubWorld::Envelope& envelope) {
  acting_core_ = to;
  awake_[to] = true;
  constexpr auto kWords = std::to_array<std::string_view>(
      {"Join", "Joined", "Fetch", "Fetched", "Leave", "Behind", "Deliver", "Closed", "Command",
       "Answer", "PushOrder", "PushReport", "Survey", "SurveyReply", "UnwatchPresence", "Presence",
       "PresenceCut"});
  static_assert(kWords.size() == std::variant_size_v<comet::HubMessage>);
  note(journal_, "      {} from {} to {}", kWords[envelope.message.index()], from, to);
  if (std::holds_alternative<comet::Join>(envelope.message)) {
    world_.tag = envelope.tag;  // so the answer names the peer, too
    Peer& peer = peer_of(envelope);
    world_.tag = peer.number;
    join(peer, to);
  } else if (std::holds_alternative<comet::Joined>(envelope.message)) {
    Peer& peer = subscriptions_.at(envelope.tag - 1).peer;
    peer.seated = true;
    peer.heard_ms = world_.now_ms();  // heartbeats count from here
    if (peer.bundled) {
      if (BundleFollower* bundle = client({peer.core, peer.session}).bundle) {
        bundle->heard_ms = world_.now_ms();
      }
    }
  } else if (const auto* survey = std::get_if<comet::Survey>(&envelope.message)) {
    if (const auto* order = std::get_if<comet::Survey::Broadcast>(&survey->question)) {
      homes_[to].spreading.emplace_back(order->message->content());
    }
  } else if (std::holds_alternative<comet::Command>(envelope.message)) {
    shut_ = is_short_of_memory(to);
  } else if (const auto* order = std::get_if<comet::PushOrder>(&envelope.message)) {
    Batch& batch = batches_.at(order->session.index);
    homes_[to].pushing.push_back({&batch, batch.entries_of(to, world_)});
  }
}

// Those of one request come one behind the other, but not all of them to this home.
Peer& Simulation::peer_of(const HubWorld::Envelope& envelope) {
  const std::string& name = std::get<comet::Join>(envelope.message).name.text;
  std::size_t index = envelope.tag - 1;
  while (raw_name(subscriptions_.at(index).peer.name) != name) ++index;
  return subscriptions_[index].peer;
}

// --- Who comes -------------------------------------------------------------------------------

void Simulation::join(Peer& peer, std::size_t home) {
  INVARIANT(peer.admission == Admission::kUnknown, "peer {} is announced twice", peer.number);
  ModelChannel* channel = model_.living(peer.name);
  peer.in_parts = is_short_of_memory(home) || plan_.longest_content > 0;
  peer.admission = admission_of(peer, channel, home);
  if (peer.admission != Admission::kIn && peer.admission != Admission::kPerhapsFull &&
      peer.admission != Admission::kFull) {
    return;
  }
  if (channel == nullptr && peer.core == home && peer.bundled) ++new_channels_;
  note_beginning(peer);
}

Admission Simulation::admission_of(const Peer& peer, const ModelChannel* channel,
                                   std::size_t home) {
  if (peer.observes()) return channel == nullptr ? Admission::kAbsent : Admission::kIn;
  if (settings().auth == comet::Auth::kToken) {
    const bool right = channel != nullptr && channel->token && peer.request.has_token &&
                       channel->token->bytes == peer.request.token.bytes;
    if (!right) return Admission::kTokenError;
  }
  const bool is_short = is_short_of_memory(home);
  if (channel == nullptr) {
    if (settings().auth == comet::Auth::kNone && !settings().create_channels) {
      return Admission::kTokenError;  // as one who does not know the channel's token
    }
    if (is_short) return Admission::kMemoryFull;
    if (world_.channel_count() + new_channels_ >= settings().max_channels) {
      return Admission::kTooManyChannels;
    }
    return Admission::kIn;
  }
  if (is_short && !peer.request.returns) return Admission::kMemoryFull;
  if (must_have_room(peer, *channel) ||
      inspect(peer.name, home).subscribers < settings().max_subscribers_per_channel) {
    return Admission::kIn;
  }
  // From its own core it takes those who left with it: there may be room again.
  return peer.core == home ? Admission::kPerhapsFull : Admission::kFull;
}

// At which number it begins, and whether it must be told so: when it asked for none, for one that
// nobody has been given yet, or for one that a crash took.
void Simulation::note_beginning(Peer& peer) {
  ModelChannel& joined =
      model_.living_or_new(peer.name, world_.now_ms(), settings().channel_timeout_ms);
  if (!peer.observes()) limit_life(joined);
  peer.channel = &joined;
  peer.joined_at = joined.next();
  peer.waits_until = joined.next();
  const std::int64_t wanted = peer.request.wanted;
  peer.tell_next = wanted == 0 || wanted > static_cast<std::int64_t>(joined.next());
  if (peer.tell_next) {
    peer.start = joined.next();
    return;
  }
  const auto from = static_cast<std::uint64_t>(std::max<std::int64_t>(wanted, 1));
  peer.start = joined.goes_on(std::max(from, joined.kept_from));
  if (from >= model_.first_number()) return;
  peer.ends_at_gap = true;
  peer.tell_next = peer.start >= model_.first_number();
  peer.waits_until = peer.start;
  while (!peer.tell_next && joined.has(peer.waits_until)) ++peer.waits_until;
  peer.waits_until = joined.goes_on(peer.waits_until);
}

// A home hears of those who left a core before it hears of who comes there. (Of those who left
// before the home let them in, it hears later.)
void Simulation::note_who_is_ahead(Peer& peer) const {
  constexpr std::uint32_t kFew = 10;
  if (settings().max_subscribers_per_channel > kFew) return;
  peer.ahead.emplace();
  for (const Subscription& other : subscriptions_) {
    const Peer& candidate = other.peer;
    if (candidate.core != peer.core || candidate.name != peer.name) continue;
    // A half-closed connection may wait for the homes of its other channels.
    const bool is_gone = (candidate.left && !candidate.bundled) || candidate.finished;
    if (!is_gone || !candidate.seated) peer.ahead->push_back(&candidate);
  }
}

// So where everybody is on one core, the limit is exact.
bool Simulation::must_have_room(const Peer& peer, const ModelChannel& channel) const {
  for (const Subscription& other : subscriptions_) {
    if (other.peer.channel == &channel && other.peer.core != peer.core) return false;
  }
  if (!peer.ahead) return false;
  std::size_t there = 0;
  for (const Peer* other : *peer.ahead) there += other->channel == &channel ? 1 : 0;
  return there < settings().max_subscribers_per_channel;
}

// --- What it does by itself -------------------------------------------------------------------

// After everything that a home does. Within the end of a turn it broadcasts first, then forgets,
// then publishes batches.
void Simulation::learn(std::size_t home) {
  note_broadcasts(home);
  note_expired(home);
  note_pushes(home);
  look_at_table(home);
}

void Simulation::learn_all() {
  for (std::size_t home = 0; home < world_.cores(); ++home) learn(home);
}

void Simulation::note_broadcasts(std::size_t home) {
  HomeView& view = homes_[home];
  const comet::Home::Progress now = world_.hub_as_it_is(home).home().progress();
  while (view.spreading.size() > now.broadcasts) {
    spread(view, view.end.value_or(static_cast<std::uint32_t>(view.slots.size())));
    view.spreading.pop_front();
    view.place = 0;
    view.end.reset();
  }
  if (!view.spreading.empty() && now.end) {
    spread(view, now.place);
    view.place = now.place;
    view.end = now.end;
  }
}

// To the channels that stand in the table up to there.
void Simulation::spread(const HomeView& view, std::uint32_t end) {
  for (std::uint32_t place = view.place; place < end && place < view.slots.size(); ++place) {
    if (!view.slots[place].name) continue;
    const std::string& name = kNames[*view.slots[place].name];
    publish(home_of(name), name, comet::Message::Type::kBroadcast, view.spreading.front());
  }
}

void Simulation::note_expired(std::size_t home) {
  HomeView& view = homes_[home];
  const comet::Home& table = world_.hub_as_it_is(home).home();
  for (std::uint32_t place = 0; place < view.slots.size(); ++place) {
    HomeView::Slot& slot = view.slots[place];
    if (!slot.name) continue;
    const bool stays =
        table.channel_at(place) != nullptr && table.generation_at(place) == slot.generation;
    if (stays) continue;
    expire(kNames[*slot.name]);
    slot.name.reset();
  }
}

// When its last subscriber has left, it lives so long, whatever was said before.
void Simulation::limit_life(ModelChannel& channel) const {
  channel.lives_ms = std::min(channel.lives_ms, settings().channel_timeout_ms);
}

void Simulation::shorten_channels(std::size_t home) {
  for (const auto& [name, channel] : model_.all()) {
    if (home_of(name) == home) channel->keep_newest(settings().channel_buffer_size);
  }
}

void Simulation::look_at_table(std::size_t home) {
  HomeView& view = homes_[home];
  const comet::Home& table = world_.hub_as_it_is(home).home();
  view.slots.assign(table.slots(), {});
  for (std::uint32_t place = 0; place < table.slots(); ++place) {
    const comet::Channel* channel = table.channel_at(place);
    if (channel == nullptr) continue;
    for (std::size_t name = 0; name < kNames.size(); ++name) {
      if (raw_name(kNames[name]) == channel->name.text) view.slots[place].name = name;
    }
    view.slots[place].generation = table.generation_at(place);
  }
}

void Simulation::expire(const std::string& name) {
  ModelChannel* channel = model_.living(name);
  INVARIANT(channel != nullptr, "{} is forgotten, and was not there", name);
  INVARIANT(world_.now_ms() >= channel->touched_ms + channel->lives_ms, "{} is forgotten too soon",
            name);
  for (const Place& place : open_) {
    for (const Peer* peer : peers_at(place)) {
      const bool in = peer->channel == channel && peer->admission == Admission::kIn &&
                      !peer->observes() && session(place).listening;
      INVARIANT(!in, "{} is forgotten with peer {}", name, peer->number);
    }
  }
  note(journal_, "      {} has expired", name);
  channel->closed = true;  // as those who look on are told
  model_.forget(name);
}

// What the model takes for living lives.
void Simulation::notice_expired(std::size_t core) {
  for (const auto& [name, channel] : model_.all()) {
    if (home_of(name) != core) continue;
    const Answer answer = inspect(name, core);
    INVARIANT(answer.outcome == Outcome::kOk, "{} is gone, and nobody knows why", name);
    INVARIANT(answer.seq == channel->next(), "the next number of {} is {}, and should be {}", name,
              answer.seq, channel->next());
  }
}

}  // namespace simulation
