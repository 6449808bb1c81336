#include "comet/hub.h"

#include <algorithm>
#include <utility>

#include "comet/overloaded.h"

namespace comet {
namespace {

// Subscribers served, heartbeats sent and channels forgotten before the loop looks at its sockets
// again: about half a millisecond of sends.
constexpr std::size_t kSweepBudget = 128;
constexpr std::size_t kHeartbeatBudget = 64;
constexpr std::size_t kExpiryBudget = 1024;
constexpr std::size_t kDrainBudget = 64;

// More messages than that waiting for one core, beyond its full mailbox, and publishers are told
// to come back later.
constexpr std::size_t kCongestedBacklog = 4096;

}  // namespace

Hub::Hub(HubSettings settings, ChannelCount& channel_count, Wire& wire, const reactor::Now& now)
    : settings_(std::move(settings)),
      wire_(wire),
      home_(settings_, channel_count, *this, now.monotonic_ms()),
      audiences_(settings_, wire, *this, now) {}

void Hub::begin_turn(const reactor::Now& now) {
  home_.begin_turn(now.monotonic_ms());
  audiences_.begin_turn(now);
}

std::uint32_t Hub::subscribe_presence(std::uint32_t session, Framing framing, bool keep_alive) {
  const Ref subscriber = audiences_.subscribe_presence(session, framing, keep_alive);
  // The response begins when no channel can appear anywhere without this core being told.
  survey(Survey::Kind::kWatchPresence, {}, {}, subscriber);
  return audiences_.is_present(subscriber) ? subscriber.index : reactor::kNoIndex;
}

void Hub::command(Command&& command) {
  const std::size_t home = home_core(command.name.hash, settings_.cores);
  if (congested(home)) {
    refuse_overloaded(command.session);
  } else if (home == settings_.core) {
    wire_.answer(home_.command(std::move(command)));
  } else {
    wire_.post(home, std::move(command));
  }
}

void Hub::broadcast(Ref session, MessageRef message) {
  for (std::size_t core = 0; core < settings_.cores; ++core) {
    if (congested(core)) {
      refuse_overloaded(session);
      return;
    }
  }
  survey(Survey::Kind::kBroadcast, session, std::move(message));
}

void Hub::refuse_overloaded(Ref session) {
  Answer answer;
  answer.session = session;
  answer.outcome = Outcome::kOverloaded;
  wire_.answer(answer);
}

void Hub::send(std::size_t core, HubMessage&& message) {
  if (core == settings_.core) {
    receive(core, std::move(message));
  } else {
    wire_.post(core, std::move(message));
  }
}

bool Hub::congested(std::size_t core) const {
  return core != settings_.core && wire_.backlog(core) > kCongestedBacklog;
}

void Hub::receive(std::size_t from, HubMessage&& message) {
  std::visit(Overloaded{
                 [&](Deliver& m) { audiences_.deliver(m); },
                 [&](Command& m) {
                   const Answer answer = home_.command(std::move(m));
                   send(from, answer);
                 },
                 [&](Answer& m) { wire_.answer(m); },
                 [&](Join& m) { home_.join(from, std::move(m)); },
                 [&](Joined& m) { audiences_.joined(std::move(m)); },
                 [&](Leave& m) { home_.leave(from, m); },
                 [&](Closed& m) { audiences_.closed(m); },
                 [&](Survey& m) { answer_survey(from, m); },
                 [&](SurveyReply& m) { add_reply(m); },
                 [&](UnwatchPresence&) { home_.unwatch_presence(from); },
                 [&](Presence& m) { audiences_.presence(m.line); },
             },
             message);
}

void Hub::survey(Survey::Kind kind, Ref session, MessageRef message, Ref presence) {
  PendingSurvey pending{{}, settings_.cores, presence, kind};
  pending.sum.session = session;
  const std::uint32_t index = surveys_.emplace(pending);
  const Ref ref{index, surveys_.generation(index)};
  for (std::size_t core = 0; core < settings_.cores; ++core) {
    send(core, Survey{kind, ref, message});
  }
}

void Hub::answer_survey(std::size_t from, const Survey& survey) {
  SurveyReply reply;
  reply.survey = survey.survey;
  switch (survey.kind) {
    case Survey::Kind::kCount:
      reply.channels = home_.channels();
      reply.subscribers = audiences_.subscribers();
      break;
    case Survey::Kind::kBroadcast:
      home_.broadcast(survey.message);
      break;
    case Survey::Kind::kWatchPresence:
      home_.watch_presence(from);
      break;
  }
  send(from, reply);
}

void Hub::add_reply(const SurveyReply& reply) {
  PendingSurvey* pending = surveys_.find(reply.survey.index, reply.survey.generation);
  if (pending == nullptr) return;
  pending->sum.channels += reply.channels;
  pending->sum.subscribers += reply.subscribers;
  if (--pending->missing > 0) return;
  const PendingSurvey complete = *pending;
  surveys_.erase(reply.survey.index);
  if (complete.kind == Survey::Kind::kWatchPresence) {
    audiences_.begin_presence(complete.presence);
  } else {
    wire_.answer(complete.sum);
  }
}

bool Hub::end_turn() {
  bool more = home_.expire(kExpiryBudget);
  more = audiences_.beat(kHeartbeatBudget) || more;
  more = audiences_.sweep(kSweepBudget) || more;
  if (audiences_.is_draining()) more = audiences_.drain(kDrainBudget) || more;
  audiences_.review();
  return more;
}

std::optional<std::uint64_t> Hub::next_deadline_us() const {
  std::optional<std::uint64_t> next = audiences_.next_deadline_us();
  if (const auto due_ms = home_.next_deadline_ms()) {
    next = std::min(next.value_or(*due_ms * 1000), *due_ms * 1000);
  }
  return next;
}

void Hub::validate() {
  home_.validate();
  audiences_.validate();
}

}  // namespace comet
