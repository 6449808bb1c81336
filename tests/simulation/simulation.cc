// The half of Simulation that does things; what they must lead to is in simulation_checks.cc.
#include "tests/simulation/simulation.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "tests/simulation/ids.h"
#include "tests/simulation/names.h"
#include "tests/simulation/violation.h"

namespace simulation {

using comet::Transport;
using support::HubWorld;
using support::kEverything;
using support::MemorySession;
using CommandVerb = comet::Command::Verb;

namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

// What a mailbox's sender sees of one that is full.
constexpr std::size_t kJammedBacklog = 100'000;

}  // namespace

Simulation::Simulation(const Plan& plan, Fault fault, std::uint64_t luck, Journal journal)
    : plan_(plan),
      journal_(journal),
      world_(plan.settings, plan.cores),
      saboteur_(fault, luck, world_),
      draining_(plan.cores, false),
      jammed_(plan.cores * plan.cores, false),
      clients_(plan.cores),
      spreading_(plan.cores) {
  note_settings();
  world_.before_receive = [this](std::size_t from, std::size_t to,
                                 const HubWorld::Envelope& envelope) {
    before_receive(from, to, envelope);
  };
  world_.after_receive = [this](std::size_t, std::size_t) {
    world_.tag = 0;
    note_broadcasts();
  };
  world_.on_answer_given = [this](const comet::Answer& answer) { given(answer); };
  for (std::size_t core = 0; core < world_.cores(); ++core) {
    support::MemoryWire& wire = world_.wire(core);
    wire.on_answer = [this](const comet::Answer& answer) { arrived(answer); };
    wire.on_received = [this, core](std::uint32_t session) { touched_.push_back({core, session}); };
    wire.on_ended = [this, core](std::uint32_t session) { touched_.push_back({core, session}); };
    wire.on_backlog = [this, core](std::size_t to) {
      return jammed_[core * world_.cores() + to] ? kJammedBacklog : world_.lane(core, to).size();
    };
  }
}

void Simulation::run() {
  std::size_t number = 0;
  for (const Action& action : plan_.script) {
    note(journal_, "{:4}. {}", ++number, name_of(action.verb));
    Dice dice(action.luck);
    act(action, dice);
    read_what_arrived();
    world_.hub(acting_core_).validate();
  }
  Dice dice(number);
  note(journal_, "      At the end:");
  settle(dice);
  everybody_leaves(dice);
}

void Simulation::act(const Action& action, Dice& dice) {
  const std::size_t core = dice.below(world_.cores());
  acting_core_ = core;
  switch (action.verb) {
    case Verb::kDeliver:
      deliver(dice);
      break;
    case Verb::kEndTurn:
      end_turn(core);
      break;
    case Verb::kPublish:
      command(CommandVerb::kPublish, core, dice);
      break;
    case Verb::kBroadcast:
      broadcast(core, dice);
      break;
    case Verb::kSubscribe:
      subscribe(core, some_name(dice), dice);
      break;
    case Verb::kCrowd:
      crowd(core, dice);
      break;
    case Verb::kBundle:
      bundle(core, dice);
      break;
    case Verb::kAdd:
      add_channel(dice);
      break;
    case Verb::kDrop:
      drop_channel(dice);
      break;
    case Verb::kPollAgain:
      poll_again(dice);
      break;
    case Verb::kWatch:
      watch(core, dice);
      break;
    case Verb::kRead:
    case Verb::kStall:
    case Verb::kDie:
    case Verb::kLeave:
    case Verb::kHalfClose:
      on_some_session(action.verb, dice);
      break;
    case Verb::kClose:
      command(CommandVerb::kClose, core, dice);
      break;
    case Verb::kClear:
      command(CommandVerb::kClear, core, dice);
      break;
    case Verb::kSign:
      command(CommandVerb::kSign, core, dice);
      break;
    case Verb::kInspect:
      command(CommandVerb::kInspect, core, dice);
      break;
    case Verb::kJam:
      jam(dice);
      break;
    case Verb::kAdvance:
      world_.advance_us(dice.chance(30) ? dice.below(2000) : dice.below(200) * 1000);
      break;
    case Verb::kLeap:
      world_.advance_ms(dice.below(12'000));
      break;
    case Verb::kDrain:
      drain(core, dice);
      break;
    case Verb::kReload:
      reload(dice);
      break;
    case Verb::kSettle:
      settle(dice);
      break;
  }
}

const std::string& Simulation::some_name(Dice& dice) {
  return kNames[dice.below(plan_.channel_names)];
}

// --- The scheduler ----------------------------------------------------------------------------

void Simulation::deliver(Dice& dice) {
  struct Lane {
    std::size_t from;
    std::size_t to;
  };
  std::vector<Lane> lanes;
  for (std::size_t from = 0; from < world_.cores(); ++from) {
    for (std::size_t to = 0; to < world_.cores(); ++to) {
      if (world_.lane(from, to).empty() || jammed_[from * world_.cores() + to]) continue;
      lanes.push_back({from, to});
    }
  }
  if (lanes.empty()) return;
  const Lane lane = lanes[dice.below(lanes.size())];
  world_.deliver(lane.from, lane.to);
}

void Simulation::end_turn(std::size_t core) {
  acting_core_ = core;
  note(journal_, "      core {}", core);
  world_.end_turn(core);
  notice_expired(core);
}

void Simulation::jam(Dice& dice) {
  const std::size_t lane = dice.below(jammed_.size());
  jammed_[lane] = !jammed_[lane];
  was_jammed_ = true;
  note(journal_, "      the mailbox from {} to {} {}", lane / world_.cores(), lane % world_.cores(),
       jammed_[lane] ? "fills up" : "empties again");
}

void Simulation::drain(std::size_t core, Dice& dice) {
  if (draining_[core]) return;
  draining_[core] = true;
  const std::uint64_t duration_ms = dice.below(8000);
  note(journal_, "      core {}, over {} ms", core, duration_ms);
  world_.hub(core).begin_drain(duration_ms * 1000, dice.next());
}

void Simulation::reload(Dice& dice) {
  comet::HubSettings changed = settings();
  simulation::reload(changed, dice);
  note(journal_, "      a backlog of {} messages and {} bytes; who is too slow {}",
       changed.backlog_messages_max, changed.backlog_bytes_max,
       changed.slow_subscriber == comet::SlowSubscriber::kSkip ? "skips" : "is closed");
  world_.reconfigure(changed);
  note_settings();
}

void Simulation::note_settings() {
  const comet::HubSettings& now = settings();
  if (now.slow_subscriber == comet::SlowSubscriber::kSkip) gaps_ = Gaps::kAnnounced;
  if (now.backlog_messages_max <= 1000 || now.backlog_bytes_max < 1u << 20) has_room_ = false;
}

// Everything that is under way; the model must hear of what expires at once.
void Simulation::settle(Dice& dice) {
  jammed_.assign(jammed_.size(), false);
  note(journal_, "      everything arrives, and everybody reads");
  for (const Place& place : open_) world_.grant(place.session, kEverything, place.core);
  settle_now(dice);
  // Those who rest after a pass get what came meanwhile, after which they rest again.
  do {
    world_.advance_us(kLongestRestUs);
  } while (settle_now(dice));
  world_.validate();
  check_everything();
}

// True when somebody got something.
bool Simulation::settle_now(Dice& dice) {
  bool more = true;
  bool got = false;
  while (more) {
    while (world_.mail() > 0) deliver(dice);
    more = false;
    for (std::size_t core = 0; core < world_.cores(); ++core) {
      more = world_.end_turn(core) || more;
      notice_expired(core);
    }
    more = more || world_.mail() > 0;
    got = got || !touched_.empty();
    read_what_arrived();
  }
  return got;
}

// --- Clients ----------------------------------------------------------------------------------

comet::SubscribeRequest Simulation::request(const std::string& name, Dice& dice) {
  comet::SubscribeRequest request;
  request.framing.transport = dice.one_of(std::array{
      Transport::kStream, Transport::kStream, Transport::kIframe, Transport::kIframe,
      Transport::kSse, Transport::kSse, Transport::kPoll, Transport::kPoll, Transport::kTail});
  const ModelChannel* channel = model_.living(name);
  const auto next = static_cast<std::int64_t>(channel != nullptr ? channel->next() : 1);
  request.wanted = dice.one_of(std::array<std::int64_t, 11>{0, 0, 1, next, next, next - 1, next - 2,
                                                            next + 1, next + 50, -next, kLargest});
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
  Peer peer;
  peer.core = core;
  peer.name = name;
  peer.request = request(peer.name, dice);
  const std::size_t room = dice.chance(60) ? kEverything : dice.below(400);
  peer.hindered = room != kEverything;
  Subscription& added = announce(std::move(peer));
  const std::uint32_t session =
      world_.subscribe(comet::SubscribeRequest(added.peer.request), core, room);
  settle_in({core, session}, {&added});
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

// --- Administrators ---------------------------------------------------------------------------

std::string Simulation::new_content(Dice& dice) {
  std::string content = "m" + std::to_string(++contents_);
  if (dice.chance(30)) content += "</script>\\n\\\"";
  if (dice.chance(20)) content.append(dice.below(500), '.');
  return content;
}

void Simulation::command(CommandVerb verb, std::size_t core, Dice& dice) {
  const auto id = static_cast<std::uint32_t>(questions_.size());
  Question& question = questions_.emplace_back(Question{verb, some_name(dice), {}, 0, {}, false});
  if (verb == CommandVerb::kPublish) question.content = new_content(dice);
  if (verb == CommandVerb::kSign && dice.chance(50)) question.expires_s = 20;
  note(journal_, "      request {} on core {}: {} {:.20}", id, core, question.name,
       question.content);
  world_.command(verb, raw_name(question.name), question.content, core, question.expires_s, id);
}

void Simulation::broadcast(std::size_t core, Dice& dice) {
  const std::string content = new_content(dice);
  note(journal_, "      core {}: {:.20}", core, content);
  refused_ = false;
  ++broadcasts_;
  spreading_[core].push_back(content);
  world_.broadcast(content, core, kBroadcastId);
  if (refused_) {
    spreading_[core].pop_back();
  } else {
    note_broadcasts();
  }
}

}  // namespace simulation
