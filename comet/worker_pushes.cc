// The half of Worker that sees batches through: their bodies are read in slices, the homes publish,
// and the answer waits for all of them.
#include <utility>

#include "comet/worker.h"

namespace comet {

using Phase = Session::Phase;

// Most are read at once. The others have a slice a turn, one after the other.
void Worker::begin_push(std::uint32_t index, std::unique_ptr<PushBatch> push) {
  sessions_[index].exchange->question.push = std::move(push);
  read_push({index, sessions_.generation(index)});
}

bool Worker::read_pushes() {
  if (pushing_.empty()) return false;
  const Ref next = pushing_.front();
  pushing_.pop_front();
  read_push(next);
  return !pushing_.empty();
}

void Worker::read_push(Ref ref) {
  Session* session = sessions_.find(ref.index, ref.generation);
  if (session == nullptr || session->phase != Phase::kAwaiting) return;
  PushBatch& push = *session->exchange->question.push;
  const PushBatch::Reading reading = push.read_some();
  count_text(*session->exchange);
  switch (reading) {
    case PushBatch::Reading::kMore:
      pushing_.push_back(ref);
      return;
    case PushBatch::Reading::kRefused: {
      const Reply refusal = push.refusal();
      session->exchange->question.push.reset();
      count_text(*session->exchange);
      reply(ref.index, refusal);
      return;
    }
    case PushBatch::Reading::kComplete:
      break;
  }
  std::vector<PushOrder> orders = push.take_orders(shared_.mail.cores());
  if (push.is_answered()) {
    end_push(ref.index);  // nothing of it could be published
  } else {
    hub_.push(ref, std::move(orders));
  }
}

void Worker::pushed(std::size_t core, const PushReport& report) {
  Session* session = sessions_.find(report.session.index, report.session.generation);
  if (session == nullptr || session->phase != Phase::kAwaiting) return;
  for (const PushResult& result : report.results) {
    if (const auto reason = reason_of(result.outcome)) hub_.closes().add(*reason);
  }
  PushBatch& push = *session->exchange->question.push;
  push.add(core, report);
  if (push.is_answered()) end_push(report.session.index);
}

void Worker::end_push(std::uint32_t index) {
  Exchange& exchange = *sessions_[index].exchange;
  const Reply answer = Admin::reply(exchange.question, *exchange.question.push);
  exchange.question.push.reset();
  count_text(exchange);
  reply(index, answer);
}

}  // namespace comet
