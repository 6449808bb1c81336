// The part of Simulation that compares what homes answer with what they must, and the model follows
// what they publish.
#include <algorithm>
#include <utility>

#include "tests/simulation/ids.h"
#include "tests/simulation/names.h"
#include "tests/simulation/simulation.h"
#include "tests/simulation/violation.h"

namespace simulation {

using comet::Answer;
using comet::Outcome;
using CommandVerb = comet::Command::Verb;

void Simulation::publish(std::size_t home, const std::string& name, comet::Message::Type type,
                         const std::string& content) {
  ModelChannel& channel =
      model_.living_or_new(name, world_.now_ms(), settings().channel_timeout_ms);
  INVARIANT(channel.next() < ceilings_[home], "{} gives out {}, and the ceiling is {}", name,
            channel.next(), ceilings_[home]);
  // Or it might be given out again by the next server.
  INVARIANT(channel.next() < state_.ceiling_on_disk(), "{} gives out {}, and the disk has {}", name,
            channel.next(), state_.ceiling_on_disk());
  model_.publish(channel, {type, content});
  channel.keep_newest(settings().channel_buffer_size);
  const std::uint64_t now_ms = world_.now_ms();
  const std::uint64_t until_ms =
      std::max(channel.touched_ms + channel.lives_ms, now_ms + settings().channel_timeout_ms);
  channel.touched_ms = now_ms;
  channel.lives_ms = until_ms - now_ms;
}

// --- Commands ---------------------------------------------------------------------------------

void Simulation::arrived(const Answer& answer) {
  switch (answer.session.index) {
    case kInspectId:
      inspected_ = answer;
      return;
    case kBroadcastId:
      refused_ = answer.outcome != Outcome::kOk;
      INVARIANT(!refused_ || answer.outcome == Outcome::kOverloaded ||
                    (answer.outcome == Outcome::kMemoryFull && shut_),
                "a broadcast has outcome {}", static_cast<int>(answer.outcome));
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
  if (answer.session.index >= questions_.size()) return;
  Question& question = questions_[answer.session.index];
  question.given = answer;
  note(journal_, "      request {} is answered: outcome {}, number {}", answer.session.index,
       static_cast<int>(answer.outcome), answer.seq);
  if (answer.outcome != Outcome::kOk) {
    INVARIANT(may_be_refused(answer, question), "request {} has outcome {}", answer.session.index,
              static_cast<int>(answer.outcome));
    return;
  }
  const std::size_t home = home_of(question.name);
  const std::uint64_t now_ms = world_.now_ms();
  ModelChannel* channel = model_.living(question.name);
  const std::uint64_t next = channel != nullptr ? channel->next() : model_.first_number();
  const auto expect_seq = [&](std::uint64_t seq) {
    INVARIANT(answer.seq == seq, "request {} of {} is answered with number {}, and it is {}",
              answer.session.index, question.name, answer.seq, seq);
  };
  const bool creates =
      question.verb == CommandVerb::kPublish || question.verb == CommandVerb::kSign;
  INVARIANT(creates || channel != nullptr, "{} is not there and is known", question.name);
  INVARIANT(!creates || channel != nullptr || !shut_, "{} is made, and there is no memory for it",
            question.name);
  switch (question.verb) {
    case CommandVerb::kPublish:
      expect_seq(next);
      INVARIANT(!shut_ || !channel->would_grow(question.content, settings().channel_buffer_size,
                                               model_.first_number()),
                "request {} is published, and there is no memory for it", answer.session.index);
      publish(home, question.name, comet::Message::Type::kData, question.content);
      break;
    case CommandVerb::kSign:
      channel = &model_.living_or_new(question.name, now_ms, settings().channel_timeout_ms);
      expect_seq(channel->goes_on(channel->kept_from));
      INVARIANT(!channel->token || channel->token->bytes == answer.token.bytes,
                "{} has another token", question.name);
      channel->token = answer.token;
      channel->touched_ms = now_ms;
      channel->lives_ms = std::uint64_t{answer.expires_s} * 1000;
      if (answer.subscribers > 0) limit_life(*channel);
      break;
    case CommandVerb::kClose:
      expect_seq(next);
      channel->closed = true;
      model_.forget(question.name);
      for (HomeView::Slot& slot : homes_[home].slots) {
        if (slot.name && kNames[*slot.name] == question.name) slot.name.reset();
      }
      break;
    case CommandVerb::kClear:
      expect_seq(next);
      channel->kept_from = next;
      break;
    case CommandVerb::kInspect:
      expect_seq(next);
      break;
  }
}

bool Simulation::may_be_refused(const Answer& answer, const Question& question) {
  const ModelChannel* channel = model_.living(question.name);
  const bool publishes = question.verb == CommandVerb::kPublish;
  const bool creates = publishes || question.verb == CommandVerb::kSign;
  switch (answer.outcome) {
    case Outcome::kOverloaded:
      return has_full_mailbox(question.core) ||
             (publishes && (has_full_mailbox(home_of(question.name)) || !has_room_));
    case Outcome::kTooManyChannels:
      return creates && channel == nullptr && world_.channel_count() >= settings().max_channels;
    case Outcome::kUnknownChannel:
      return !creates && channel == nullptr;
    case Outcome::kNumbersShort:
      return publishes && channel != nullptr &&
             channel->next() >= ceilings_[home_of(channel->name)];
    case Outcome::kMemoryFull:
      return shut_ && creates &&
             (channel == nullptr ||
              (publishes && channel->would_grow(question.content, settings().channel_buffer_size,
                                                model_.first_number())));
    default:
      return false;
  }
}

// --- Batches ----------------------------------------------------------------------------------

// As far as the home has come with the first that it has.
void Simulation::note_pushes(std::size_t home) {
  HomeView& view = homes_[home];
  if (view.pushing.empty()) return;
  HomeView::Pushing& first = view.pushing.front();
  const auto results = world_.hub_as_it_is(home).home().progress().pushed;
  while (first.done < results.size()) {
    const std::size_t place = first.entries.at(first.done);
    push_given(home, first.batch->entry(place), results[first.done]);
    ++first.done;
  }
}

// By a home, with the last of its part, before the report travels.
void Simulation::pushes_given(std::size_t home, const comet::PushReport& report) {
  note_broadcasts(home);
  note_expired(home);
  HomeView& view = homes_[home];
  INVARIANT(
      !view.pushing.empty() && view.pushing.front().batch == &batches_.at(report.session.index),
      "core {} reports of batch {}, which is not its first", home, report.session.index);
  HomeView::Pushing& first = view.pushing.front();
  INVARIANT(report.results.size() == first.entries.size(),
            "core {} reports of {} messages, and has {}", home, report.results.size(),
            first.entries.size());
  for (; first.done < first.entries.size(); ++first.done) {
    push_given(home, first.batch->entry(first.entries[first.done]), report.results[first.done]);
  }
  view.pushing.pop_front();
}

void Simulation::push_given(std::size_t home, Batch::Entry& entry,
                            const comet::PushResult& result) {
  entry.given = result;
  note(journal_, "      {:.20} of a batch: outcome {}, number {}", entry.content,
       static_cast<int>(result.outcome), result.seq);
  const ModelChannel* channel = model_.living(entry.name);
  const std::uint64_t next = channel != nullptr ? channel->next() : model_.first_number();
  bool right = false;
  switch (result.outcome) {
    case Outcome::kOk:
      INVARIANT(result.seq == next, "{:.20} of a batch has number {}, and it is {}", entry.content,
                result.seq, next);
      publish(home, entry.name, comet::Message::Type::kData, entry.content);
      return;
    case Outcome::kOverloaded:
      right = has_full_mailbox(home) || !has_room_;  // a window may be full
      break;
    case Outcome::kTooManyChannels:
      right = channel == nullptr && world_.channel_count() >= settings().max_channels;
      break;
    case Outcome::kNumbersShort:
      right = channel != nullptr && next >= ceilings_[home];
      break;
    case Outcome::kMemoryFull:
      right = budgets_[home] > 0;
      break;
    default:
      break;
  }
  INVARIANT(right, "{:.20} of a batch has outcome {}", entry.content,
            static_cast<int>(result.outcome));
}

// To the core that asked.
void Simulation::pushed(std::size_t core, std::size_t home, const comet::PushReport& report) {
  if (home == core) pushes_given(home, report);
  Batch& batch = batches_.at(report.session.index);
  INVARIANT(batch.core() == core && !batch.is_answered(), "batch {} is reported to core {}",
            report.session.index, core);
  batch.add(home, report);
  batch.look_for_answer();
}

}  // namespace simulation
