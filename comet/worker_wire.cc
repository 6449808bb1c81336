// The part of Worker that is its hub's hands: bytes out, answers, mail.
#include <utility>

#include "comet/worker.h"

namespace comet {

using Phase = Session::Phase;

Sent Worker::send(std::uint32_t index, std::string_view bytes) {
  Session& session = sessions_[index];
  if (index == consuming_) flush_cork();
  if (session.connection.unsent() > 0) return {SendStatus::kWouldBlock, 0};
  const reactor::IoResult result = session.connection.send(bytes);
  switch (result.status) {
    case reactor::IoResult::Status::kOk:
      bytes_out_ += result.bytes;
      return {SendStatus::kOk, result.bytes};
    case reactor::IoResult::Status::kWouldBlock:
      return {SendStatus::kWouldBlock, 0};
    default:
      is_alive(index, result.status);
      return {SendStatus::kClosed, 0};
  }
}

Written Worker::write(std::uint32_t index, std::string_view bytes) {
  if (index == consuming_) flush_cork();
  Session& session = sessions_[index];
  if (!write_out(index, bytes)) return Written::kGone;
  return session.connection.unsent() == 0 ? Written::kAll : Written::kKept;
}

bool Worker::is_alive(std::uint32_t index, reactor::IoResult::Status status) {
  if (status == reactor::IoResult::Status::kTimedOut) count(index, CloseReason::kTimedOut);
  return status == reactor::IoResult::Status::kOk;
}

bool Worker::write_out(std::uint32_t index, std::string_view bytes) {
  Session& session = sessions_[index];
  const std::size_t kept_before = session.connection.unsent();
  const std::size_t memory_before = session.connection.memory();
  if (!is_alive(index, session.connection.write(bytes))) return false;
  const std::size_t kept = session.connection.unsent();
  bytes_out_ += kept_before + bytes.size() - kept;
  if (kept == 0) return true;
  count_kept(session, memory_before);
  // While memory is short, a client of the front port that does not take its answer at once comes
  // back for it later.
  if (session.port != Port::kFront || !hub_.memory_gate().is_shut()) return true;
  count(index, CloseReason::kMemoryShort);
  return false;
}

bool Worker::flush_out(std::uint32_t index) {
  Session& session = sessions_[index];
  const std::size_t kept_before = session.connection.unsent();
  const std::size_t memory_before = session.connection.memory();
  const bool alive = is_alive(index, session.connection.flush());
  bytes_out_ += kept_before - session.connection.unsent();
  count_kept(session, memory_before);
  return alive;
}

bool Worker::count_end(std::uint32_t index) {
  Session& session = sessions_[index];
  const bool was_counted = session.counted;
  session.counted = true;
  return !was_counted;
}

void Worker::ended(std::uint32_t index, Ending ending) {
  Session& session = sessions_[index];
  session.subscriber = reactor::kNoIndex;
  if (session.phase == Phase::kDead) return;
  if (ending == Ending::kBroken) {
    kill(index);
    return;
  }
  if (session.is_websocket()) {
    await_close(index);
    return;
  }
  if (ending == Ending::kLast) session.keep_alive = false;
  end_exchange(index);
}

void Worker::answer(const Answer& answer) {
  Session* session = sessions_.find(answer.session.index, answer.session.generation);
  if (session == nullptr || session->phase != Phase::kAwaiting) return;
  if (const auto reason = reason_of(answer.outcome)) count(answer.session.index, *reason);
  reply(answer.session.index, admin_.reply(session->exchange->question, answer));
}

void Worker::surveyed(Ref ref, std::vector<Finding>&& findings) {
  Session* session = sessions_.find(ref.index, ref.generation);
  if (session == nullptr || session->phase != Phase::kAwaiting) return;
  reply(ref.index, introspection_reply(session->exchange->question, facts(), std::move(findings)));
}

void Worker::post(std::size_t core, HubMessage&& message) {
  shared_.mail.post(core_, core, std::move(message));
  posted_[core] = true;
}

}  // namespace comet
