#include "comet/hub.h"

#include <algorithm>
#include <utility>

#include "comet/overloaded.h"
#include "reactor/check.h"

namespace comet {
namespace {

// Subscribers served, heartbeats sent, parts of histories fetched and channels forgotten before the
// loop looks at its sockets again: about half a millisecond of sends.
constexpr std::size_t kSweepBudget = 128;
constexpr std::size_t kHeartbeatBudget = 64;
constexpr std::size_t kFetchBudget = 16;
constexpr std::size_t kExpiryBudget = 1024;
constexpr std::uint32_t kTrimBudget = 1024;
constexpr std::size_t kDrainBudget = 64;
// Places for channels that a broadcast comes to: about a fifth of a millisecond.
constexpr std::uint32_t kSpreadBudget = 1024;
// Places for channels that are looked at for /channels: about a tenth of a millisecond.
constexpr std::size_t kListingBudget = 1024;
// Messages of batches that are published, and how many may wait for a core beside its full mailbox
// before batches do: far fewer than what makes a single push be refused.
constexpr std::size_t kPushBudget = 512;
constexpr std::size_t kPushBacklogMax = 512;
// Questions and orders of one core that are not answered yet, of all kinds and of those that take
// every core a walk. Beyond them the answer is 503.
constexpr std::size_t kSurveysMax = 1024;
constexpr std::size_t kWalksMax = 8;

}  // namespace

Hub::Hub(HubSettings settings, ChannelCount& channel_count, Wire& wire, const reactor::Now& now)
    : settings_(std::move(settings)),
      wire_(wire),
      surveys_(settings_.cores),
      home_(settings_, channel_count, *this, now.monotonic_ms()),
      audiences_(settings_, wire, *this, now) {}

void Hub::reconfigure(HubSettings settings) {
  CHECK(settings.core == settings_.core && settings.cores == settings_.cores);
  settings_ = std::move(settings);
  home_.reconfigured();
  audiences_.reconfigured();
  audiences_.memory_is(home_.memory_gate().state());
}

void Hub::begin_turn(const reactor::Now& now) {
  home_.begin_turn(now.monotonic_ms());
  audiences_.begin_turn(now);
}

void Hub::limit_memory(std::uint64_t budget, std::uint64_t used) {
  MemoryGate& gate = home_.memory_gate();
  const MemoryState before = gate.state();
  gate.look(budget, used);
  if (gate.state() != before) audiences_.memory_is(gate.state());
}

MemoryUse Hub::memory() const {
  MemoryUse use = home_.memory();
  use += audiences_.memory();
  return use;
}

bool Hub::takes_watchers() const {
  return surveys_.size() < kSurveysMax && !any_congested(settings_.cores);
}

std::uint32_t Hub::subscribe_presence(std::uint32_t session, PresenceEvents events, Framing framing,
                                      bool keep_alive) {
  const Ref subscriber = audiences_.subscribe_presence(session, events, framing, keep_alive);
  // The response begins when no channel can appear anywhere without this core being told.
  survey(Surveys::Purpose::kBeginPresence, subscriber, Survey::WatchPresence{events});
  return audiences_.is_present(subscriber) ? subscriber.index : reactor::kNoIndex;
}

void Hub::command(Command&& command) {
  const std::size_t home = home_core(command.name.hash, settings_.cores);
  if (congested(home)) {
    refuse(command.session, Outcome::kOverloaded);
  } else if (home == settings_.core) {
    wire_.answer(home_.command(std::move(command)));
  } else {
    wire_.post(home, std::move(command));
  }
}

void Hub::broadcast(Ref session, MessageRef message) {
  if (memory_gate().is_shut()) {
    refuse(session, Outcome::kMemoryFull);
    return;
  }
  if (surveys_.open_for(Surveys::Purpose::kAcknowledge) >= kWalksMax ||
      any_congested(settings_.cores)) {
    refuse(session, Outcome::kOverloaded);
    return;
  }
  survey(Surveys::Purpose::kAcknowledge, session, Survey::Broadcast{std::move(message)});
}

void Hub::push(Ref session, std::vector<PushOrder>&& orders) {
  CHECK(orders.size() == settings_.cores);
  for (std::size_t core = 0; core < orders.size(); ++core) {
    PushOrder& order = orders[core];
    if (order.entries.empty()) continue;
    order.session = session;
    if (!congested(core)) {
      send(core, std::move(order));
      continue;
    }
    const PushResult refused{0, Outcome::kOverloaded};
    wire_.pushed(core, {session, std::vector<PushResult>(order.entries.size(), refused)});
  }
}

void Hub::ask_cores(Ref session, Survey::Question question) {
  const bool page = std::holds_alternative<Survey::AboutChannels>(question);
  const auto purpose = page ? Surveys::Purpose::kHandOverPage : Surveys::Purpose::kHandOver;
  if (surveys_.size() >= kSurveysMax || (page && surveys_.open_for(purpose) >= kWalksMax)) {
    refuse(session, Outcome::kOverloaded);
    return;
  }
  survey(purpose, session, question);
}

void Hub::refuse(Ref session, Outcome outcome) { wire_.answer(Answer::refusal(session, outcome)); }

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

bool Hub::has_backlog(std::size_t core) const {
  return core != settings_.core && wire_.backlog(core) > kPushBacklogMax;
}

void Hub::receive(std::size_t from, HubMessage&& message) {
  std::visit(Overloaded{
                 [&](Deliver& m) { audiences_.deliver(m); },
                 [&](Command& m) {
                   const Answer answer = home_.command(std::move(m));
                   send(from, answer);
                 },
                 [&](Answer& m) { wire_.answer(m); },
                 [&](PushOrder& m) { home_.begin_push(from, std::move(m)); },
                 [&](PushReport& m) { wire_.pushed(from, m); },
                 [&](Join& m) { home_.join(from, std::move(m)); },
                 [&](Joined& m) { audiences_.joined(std::move(m)); },
                 [&](Fetch& m) { home_.fetch(from, m); },
                 [&](Fetched& m) { audiences_.fetched(m); },
                 [&](Leave& m) { home_.leave(from, m); },
                 [&](Behind& m) { home_.keep_pace(from, m); },
                 [&](Closed& m) { audiences_.closed(m); },
                 [&](Survey& m) {
                   std::visit([&](const auto& asked) { answer(from, m.survey, asked); },
                              m.question);
                 },
                 [&](SurveyReply& m) { add_reply(from, std::move(m)); },
                 [&](UnwatchPresence& m) { home_.unwatch_presence(from, m.events); },
                 [&](Presence& m) { audiences_.presence(m); },
                 [&](PresenceCut&) { audiences_.cut_presence(); },
             },
             message);
}

void Hub::survey(Surveys::Purpose purpose, Ref asker, const Survey::Question& question) {
  const Ref ref = surveys_.open(purpose, asker);
  for (std::size_t core = 0; core < settings_.cores; ++core) send(core, Survey{ref, question});
}

void Hub::answer(std::size_t from, Ref survey, const Survey::Broadcast& order) {
  home_.begin_broadcast(from, survey, order.message);
}

void Hub::answer(std::size_t from, Ref survey, const Survey::WatchPresence& order) {
  home_.watch_presence(from, order.events);
  send(from, SurveyReply{survey, {}});
}

void Hub::answer(std::size_t from, Ref survey, const Survey::AboutCore&) {
  auto report = std::make_unique<CoreReport>();
  report->core = settings_.core;
  home_.add_to(*report);
  audiences_.add_to(*report);
  wire_.add_to(*report);
  send(from, SurveyReply{survey, std::move(report)});
}

void Hub::answer(std::size_t from, Ref survey, const Survey::AboutChannel& question) {
  auto report = std::make_unique<ChannelReport>();
  report->home = home_.describe(question.name);
  report->subscribers = audiences_.subscribers_of(question.name);
  send(from, SurveyReply{survey, std::move(report)});
}

void Hub::answer(std::size_t from, Ref survey, const Survey::AboutChannels& question) {
  home_.begin_listing(from, survey, question.query);
}

void Hub::answer(std::size_t from, Ref survey, const Survey::AboutSubscribers& question) {
  auto page = std::make_unique<SubscriberPage>();
  if (const auto home = home_.describe(question.query.name)) page->all = home->subscribers;
  audiences_.list_subscribers(question.query, *page);
  send(from, SurveyReply{survey, std::move(page)});
}

void Hub::add_reply(std::size_t from, SurveyReply&& reply) {
  std::optional<Surveys::Complete> complete = surveys_.add(from, std::move(reply));
  if (!complete) return;
  switch (complete->purpose) {
    case Surveys::Purpose::kAcknowledge: {
      Answer answer;
      answer.session = complete->asker;
      wire_.answer(answer);
      break;
    }
    case Surveys::Purpose::kBeginPresence:
      audiences_.begin_presence(complete->asker);
      break;
    case Surveys::Purpose::kHandOver:
    case Surveys::Purpose::kHandOverPage:
      wire_.surveyed(complete->asker, std::move(complete->findings));
      break;
  }
}

bool Hub::end_turn(std::uint64_t heard_until_us) {
  bool more = home_.spread(kSpreadBudget);
  more = home_.expire(kExpiryBudget) || more;
  home_.tell_changes();
  more = home_.trim(kTrimBudget) || more;
  more = home_.arm_announcements(kTrimBudget) || more;
  more = home_.list(kListingBudget) || more;
  more = home_.push(kPushBudget) || more;
  more = audiences_.beat(kHeartbeatBudget, heard_until_us) || more;
  more = audiences_.sweep(kSweepBudget) || more;
  if (audiences_.is_draining()) more = audiences_.drain(kDrainBudget) || more;
  // Behind all that may want more history: nothing else need wake this core.
  more = audiences_.fetch(kFetchBudget) || more;
  audiences_.review();
  return more || home_.has_changes();
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
