// The half of Simulation that knows what must be true: the model follows, and is compared.
#include <algorithm>
#include <utility>

#include "tests/simulation/ids.h"
#include "tests/simulation/names.h"
#include "tests/simulation/simulation.h"
#include "tests/simulation/violation.h"

namespace simulation {

using comet::Answer;
using comet::Outcome;
using support::HubWorld;
using support::MemorySession;
using CommandVerb = comet::Command::Verb;

std::size_t Simulation::home_of(const std::string& name) const {
  return world_.home_of(raw_name(name));
}

// --- The model follows what reaches each home -------------------------------------------------

void Simulation::before_receive(std::size_t from, std::size_t to,
                                const support::HubWorld::Envelope& envelope) {
  acting_core_ = to;
  constexpr std::array<std::string_view, std::variant_size_v<comet::HubMessage>> kWords{
      "Join",       "Joined", "Fetch",       "Fetched",         "Leave",
      "Deliver",    "Closed", "Command",     "Answer",          "PushOrder",
      "PushReport", "Survey", "SurveyReply", "UnwatchPresence", "Presence"};
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
      spreading_[to].emplace_back(order->message->content());
    }
  }
}

// Those of one request come one behind the other, but not all of them to this home.
Peer& Simulation::peer_of(const HubWorld::Envelope& envelope) {
  const std::string& name = std::get<comet::Join>(envelope.message).name.text;
  std::size_t index = envelope.tag - 1;
  while (raw_name(subscriptions_.at(index).peer.name) != name) ++index;
  return subscriptions_[index].peer;
}

void Simulation::join(Peer& peer, std::size_t home) {
  INVARIANT(peer.admission == Admission::kUnknown, "peer {} is announced twice", peer.number);
  note_broadcasts();
  ModelChannel* channel = model_.living(peer.name);
  if (peer.observes() && channel == nullptr) {
    peer.admission = Admission::kAbsent;
    return;
  }
  const bool may_be_refused = !peer.observes();
  if (may_be_refused && settings().auth == comet::Auth::kToken) {
    const bool right = channel != nullptr && channel->token && peer.request.has_token &&
                       channel->token->bytes == peer.request.token.bytes;
    if (!right) {
      peer.admission = Admission::kTokenError;
      return;
    }
  }
  if (channel == nullptr && world_.channel_count() + new_channels_ >= settings().max_channels) {
    peer.admission = Admission::kTooManyChannels;
    return;
  }
  peer.admission = Admission::kIn;
  if (may_be_refused && channel != nullptr && !must_have_room(peer, *channel) &&
      inspect(peer.name, home).subscribers >= settings().max_subscribers_per_channel) {
    // From its own core it takes those who left with it: there may be room again.
    peer.admission = peer.core == home ? Admission::kPerhapsFull : Admission::kFull;
  }
  if (channel == nullptr && peer.core == home && peer.bundled) ++new_channels_;
  ModelChannel& joined =
      model_.living_or_new(peer.name, world_.now_ms(), settings().channel_timeout_ms);
  const auto next = static_cast<std::int64_t>(joined.next());
  const auto oldest = static_cast<std::int64_t>(joined.oldest(settings().channel_buffer_size));
  peer.channel = &joined;
  peer.joined_at = joined.next();
  peer.tell_next = peer.request.wanted == 0 || peer.request.wanted > next;
  peer.start =
      static_cast<std::uint64_t>(peer.tell_next ? next : std::max(peer.request.wanted, oldest));
}

// A home hears of those who left a core before it hears of who comes there. (Of those who left
// before the home let them in, it hears later.)
void Simulation::note_who_is_ahead(Peer& peer) const {
  constexpr std::uint32_t kFew = 10;
  if (settings().max_subscribers_per_channel > kFew) return;
  for (const Subscription& other : subscriptions_) {
    const Peer& candidate = other.peer;
    if (candidate.core != peer.core || candidate.name != peer.name) continue;
    // A half-closed connection may wait for the homes of its other channels.
    const bool is_gone = (candidate.left && !candidate.bundled) || candidate.finished;
    if (!is_gone || !candidate.seated) peer.ahead.push_back(&candidate);
  }
}

// So where everybody is on one core, the limit is exact.
bool Simulation::must_have_room(const Peer& peer, const ModelChannel& channel) const {
  for (const Subscription& other : subscriptions_) {
    if (other.peer.channel == &channel && other.peer.core != peer.core) return false;
  }
  std::size_t there = 0;
  for (const Peer* other : peer.ahead) there += other->channel == &channel ? 1 : 0;
  return there < settings().max_subscribers_per_channel;
}

// A home with so few channels brings a broadcast to all of them at once, when the cores keep up.
void Simulation::note_broadcasts() {
  for (std::size_t home = 0; home < world_.cores(); ++home) {
    while (spreading_[home].size() > world_.hub(home).home().broadcasts()) {
      broadcast_reached(home, spreading_[home].front());
      spreading_[home].pop_front();
    }
  }
}

void Simulation::broadcast_reached(std::size_t home, const std::string& content) {
  for (const auto& [name, channel] : model_.all()) {
    if (home_of(name) != home) continue;
    channel->messages.push_back({comet::Message::Type::kBroadcast, content});
    channel->touched_ms = world_.now_ms();
  }
}

void Simulation::arrived(const Answer& answer) {
  switch (answer.session.index) {
    case kInspectId:
      inspected_ = answer;
      return;
    case kBroadcastId:
      refused_ = answer.outcome == Outcome::kOverloaded;
      --broadcasts_;
      return;
    default:
      break;
  }
  Question& question = questions_.at(answer.session.index);
  if (!question.given) given(answer);  // by this very core
  INVARIANT(!std::exchange(question.arrived, true), "request {} is answered twice",
            answer.session.index);
  INVARIANT(question.given->seq == answer.seq && question.given->outcome == answer.outcome,
            "the answer to request {} changed on its way", answer.session.index);
}

// By the home, before the answer travels.
void Simulation::given(const Answer& answer) {
  note_broadcasts();
  if (answer.session.index >= questions_.size()) return;
  Question& question = questions_[answer.session.index];
  question.given = answer;
  ModelChannel* channel = model_.living(question.name);
  const std::uint64_t next = channel != nullptr ? channel->next() : 1;
  const std::uint64_t now_ms = world_.now_ms();
  note(journal_, "      request {} is answered: outcome {}, number {}", answer.session.index,
       static_cast<int>(answer.outcome), answer.seq);
  switch (answer.outcome) {
    case Outcome::kOk:
      break;
    case Outcome::kOverloaded:
      return;
    case Outcome::kTooManyChannels:
      INVARIANT(channel == nullptr, "no room for {}, which is there", question.name);
      INVARIANT(world_.channel_count() >= settings().max_channels, "no room for a channel");
      return;
    case Outcome::kUnknownChannel:
      INVARIANT(channel == nullptr, "{} is there and is not known", question.name);
      INVARIANT(question.verb != CommandVerb::kPublish && question.verb != CommandVerb::kSign,
                "{} should have been created", question.name);
      return;
    default:
      violate("request {} has outcome {}", answer.session.index, static_cast<int>(answer.outcome));
  }
  const auto expect_seq = [&](std::uint64_t seq) {
    INVARIANT(answer.seq == seq, "request {} of {} is answered with number {}, and it is {}",
              answer.session.index, question.name, answer.seq, seq);
  };
  const bool creates =
      question.verb == CommandVerb::kPublish || question.verb == CommandVerb::kSign;
  INVARIANT(creates || channel != nullptr, "{} is not there and is known", question.name);
  switch (question.verb) {
    case CommandVerb::kPublish:
      expect_seq(next);
      channel = &model_.living_or_new(question.name, now_ms, settings().channel_timeout_ms);
      channel->messages.push_back({comet::Message::Type::kData, question.content});
      channel->touched_ms = now_ms;
      break;
    case CommandVerb::kSign:
      channel = &model_.living_or_new(question.name, now_ms, settings().channel_timeout_ms);
      expect_seq(channel->oldest(settings().channel_buffer_size));
      INVARIANT(!channel->token || channel->token->bytes == answer.token.bytes,
                "{} has another token", question.name);
      channel->token = answer.token;
      channel->touched_ms = now_ms;
      channel->lives_ms = std::min<std::uint64_t>(channel->lives_ms, answer.expires_s * 1000);
      break;
    case CommandVerb::kClose:
      expect_seq(next);
      channel->closed = true;
      model_.forget(question.name);
      break;
    case CommandVerb::kClear:
      expect_seq(next);
      channel->cleared = next;
      break;
    case CommandVerb::kInspect:
      expect_seq(next);
      break;
  }
}

Answer Simulation::inspect(const std::string& name, std::size_t home) {
  world_.command(CommandVerb::kInspect, raw_name(name), {}, home, 0, kInspectId);
  return inspected_;
}

void Simulation::notice_expired(std::size_t core) {
  note_broadcasts();
  std::vector<std::string> expired;
  for (const auto& [name, channel] : model_.all()) {
    if (home_of(name) != core) continue;
    const Answer answer = inspect(name, core);
    if (answer.outcome == Outcome::kOk) {
      INVARIANT(answer.seq == channel->next(), "the next number of {} is {}, and should be {}",
                name, answer.seq, channel->next());
      continue;
    }
    INVARIANT(world_.now_ms() >= channel->touched_ms + channel->lives_ms,
              "{} is forgotten too soon", name);
    for (const Place& place : open_) {
      for (const Peer* peer : peers_at(place)) {
        const bool in = peer->channel == channel && peer->admission == Admission::kIn &&
                        !peer->observes() && session(place).listening;
        INVARIANT(!in, "{} is forgotten with peer {}", name, peer->number);
      }
    }
    expired.push_back(name);
  }
  for (const std::string& name : expired) {
    note(journal_, "      {} has expired", name);
    model_.living(name)->closed = true;  // as those who look on are told
    model_.forget(name);
  }
}

// --- What must be true ------------------------------------------------------------------------

void Simulation::read_what_arrived() {
  note_broadcasts();
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

void Simulation::check_everything() {
  read_what_arrived();
  std::uint64_t broken = 0;
  for (const Place& place : open_) {
    const MemorySession& session = this->session(place);
    if (Watcher* watcher = client(place).watcher) {
      watcher->check_complete(session, model_);
      for (const std::string& name : kNames) {
        watcher->check_count(session, raw_name(name), inspect(name, home_of(name)).subscribers);
      }
      if (session.ended != comet::Ending::kBroken) continue;
      if (!session.gone && !watcher->left) ++broken;
      if (was_jammed_) ++cut_off_;
      continue;
    }
    if (BundleFollower* bundle = client(place).bundle) {
      bundle->check_complete(session);
      if (session.listening) check_heartbeat(place, *bundle);
      const bool lives = session.listening && !session.gone && !bundle->left;
      INVARIANT(!lives || !world_.hub(place.core).has_drained(), "bundle {} was not sent away",
                bundle->number());
      if (session.ended == comet::Ending::kBroken && !session.gone && !bundle->left) ++broken;
      continue;
    }
    const Subscription& subscription = *client(place).subscription;
    subscription.follower.check_complete(session);
    if (session.listening) check_heartbeat(subscription.peer);
    const bool stays = comet::is_observer(subscription.peer.request.framing.transport);
    const bool lives = session.listening && !session.gone && !subscription.peer.left && !stays;
    INVARIANT(!lives || !world_.hub(place.core).has_drained(), "peer {} was not sent away",
              subscription.peer.number);
    if (session.ended == comet::Ending::kBroken && !session.gone && !subscription.peer.left) {
      ++broken;
    }
  }
  std::uint64_t lapped = 0;
  for (std::size_t core = 0; core < world_.cores(); ++core) {
    lapped += world_.hub(core).closes()[comet::CloseReason::kLagging];
  }
  broken_ += broken;
  INVARIANT(broken_ <= lapped, "{} connections were broken off, {} of them for being slow", broken_,
            lapped);
  INVARIANT(!has_room_ || lapped <= cut_off_, "somebody was too slow, and there was room");
  for (std::size_t id = 0; id < questions_.size(); ++id) {
    INVARIANT(questions_[id].arrived, "request {} is not answered", id);
  }
  INVARIANT(broadcasts_ == 0, "a broadcast is not answered");
  check_counts();
  std::erase_if(open_, [this](const Place& place) { return !session(place).listening; });
}

// A client that is dead does not read what its channels were told at last.
bool Simulation::is_still_in(Place place, const Peer& peer) {
  if (!peer.bundled || !session(place).gone) return true;
  const std::string name = raw_name(peer.name);
  if (!world_.hub(place.core).has_channel(session(place).subscriber, name)) return false;
  for (const Peer* other : peers_at(place)) {
    if (other->name == peer.name && other->number > peer.number) return false;
  }
  return true;
}

void Simulation::check_counts() {
  std::size_t listening = 0;
  // Who is still to be told that an earlier channel of the name was closed is none of this one's.
  std::map<const ModelChannel*, std::uint64_t> expected;
  for (const Place& place : open_) {
    if (!session(place).listening) continue;
    for (const Peer* peer : peers_at(place)) {
      if (peer->observes() || !is_still_in(place, *peer)) continue;
      ++listening;
      ++expected[peer->channel];
    }
  }
  for (const auto& [name, channel] : model_.all()) {
    const Answer answer = inspect(name, home_of(name));
    INVARIANT(answer.subscribers == expected[channel], "{} has {} subscribers, and says {}", name,
              expected[channel], answer.subscribers);
  }
  world_.hub(0).ask_cores({}, comet::Survey::AboutCore{});
  Dice in_any_order(0);
  while (world_.mail() > 0) deliver(in_any_order);
  const std::vector<comet::CoreReport> reports = world_.core_reports();
  INVARIANT(reports.size() == world_.cores(), "the reports of all cores do not come");
  const comet::CoreReport sum = comet::sum_of(reports);
  INVARIANT(sum.channels == model_.all().size(), "there are {} channels, and it says {}",
            model_.all().size(), sum.channels);
  INVARIANT(sum.subscribers.total() == listening, "there are {} subscribers, and it says {}",
            listening, sum.subscribers.total());
  INVARIANT(world_.channel_count() == model_.all().size(), "the count of channels is {}",
            world_.channel_count());
}

void Simulation::check_heartbeat(const Peer& peer) {
  constexpr std::uint64_t kLatenessMs = 1000;
  if (peer.hindered || peer.left || session({peer.core, peer.session}).gone) return;
  const std::uint64_t due_ms = peer.heard_ms + settings().polling_timeout_ms + kLatenessMs;
  INVARIANT(world_.now_ms() <= due_ms, "peer {} has heard nothing since {} ms", peer.number,
            world_.now_ms() - peer.heard_ms);
}

void Simulation::check_heartbeat(Place place, const BundleFollower& bundle) {
  constexpr std::uint64_t kLatenessMs = 1000;
  if (bundle.hindered || bundle.left || session(place).gone) return;
  const std::uint64_t due_ms = bundle.heard_ms + settings().polling_timeout_ms + kLatenessMs;
  INVARIANT(world_.now_ms() <= due_ms, "bundle {} has heard nothing since {} ms", bundle.number(),
            world_.now_ms() - bundle.heard_ms);
}

// Everybody goes, and time passes: references, records and channels must be gone as well.
void Simulation::everybody_leaves(Dice& dice) {
  note(journal_, "      everybody leaves");
  for (const Place& place : open_) {
    if (session(place).listening) leave(place, Verb::kLeave);
  }
  settle(dice);
  for (int i = 0; i < 3; ++i) {
    world_.advance_ms(25'000);
    settle(dice);
  }
  INVARIANT(world_.channel_count() == 0, "{} channels are left", world_.channel_count());
  for (std::size_t core = 0; core < world_.cores(); ++core) {
    INVARIANT(world_.hub(core).is_empty(), "core {} has kept something", core);
  }
  for (const comet::MessageRef& message : world_.published()) {
    INVARIANT(message.references() == 1, "somebody holds the message \"{:.20}\"",
              message->content());
  }
}

}  // namespace simulation
