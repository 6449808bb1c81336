#include "comet/worker.h"

#include <algorithm>
#include <utility>

#include "reactor/check.h"

namespace comet {
namespace {

using reactor::kNoIndex;
using Phase = Session::Phase;
using Timeout = Session::Timeout;

// How long a closing connection may take to fetch its last bytes and close its side.
constexpr std::uint64_t kCloseTimeoutMs = 2000;
constexpr std::size_t kMailBudget = 1024;
constexpr std::size_t kTimeoutBudget = 1024;

ExchangeLimits limits_of(const Config& config) {
  ExchangeLimits limits;
  limits.request.target_bytes_max = config.limits.target_bytes;
  limits.request.header_bytes_max = config.limits.header_bytes;
  limits.request.header_count_max = config.limits.header_count;
  limits.request.body_bytes_max = config.limits.body_bytes;
  limits.websocket_message_bytes_max = config.limits.websocket_message_bytes;
  return limits;
}

std::vector<ListenerTraits> traits_of(const CoreListeners& listeners) {
  std::vector<ListenerTraits> traits;
  for (const Listener& listener : listeners.own) traits.push_back(listener.traits);
  for (const Listener& listener : listeners.shared) traits.push_back(listener.traits);
  return traits;
}

std::vector<reactor::Fd> fds_of(std::vector<Listener>& listeners) {
  std::vector<reactor::Fd> fds;
  for (Listener& listener : listeners) fds.push_back(std::move(listener.fd));
  return fds;
}

// Of a connection on which no request is under way.
CloseReason reason_of_timeout(const Session& session) {
  if (session.connection.unsent() > 0) return CloseReason::kSlowReader;
  if (session.phase == Phase::kProxied) return CloseReason::kSlowRequest;
  const bool has_ended = session.phase == Phase::kClosing || session.phase == Phase::kParting;
  return has_ended ? CloseReason::kFinished : CloseReason::kIdle;
}

}  // namespace

Worker::Worker(Shared& shared, std::size_t core, CoreListeners listeners)
    : shared_(shared),
      core_(core),
      snapshot_(&shared.config.newest()),
      listeners_(traits_of(listeners)),
      loop_(*this, fds_of(listeners.own), fds_of(listeners.shared)),
      now_(reactor::Now::read()),
      now_ms_(now_.monotonic_ms()),
      hub_(HubSettings::from(snapshot_->config(), core, shared.mail.cores()), shared.channel_count,
           *this, now_),
      front_(snapshot_->config(), shared.name_hash),
      admin_(snapshot_->config(), shared.name_hash),
      ops_(shared.name_hash),
      timers_(sessions_, now_ms_),
      exchanges_(limits_of(snapshot_->config())),
      scratch_(std::make_unique_for_overwrite<char[]>(kScratchBytes)),
      posted_(shared.mail.cores(), false) {
  shared_.wakers[core] = &loop_.waker();
  if (shared.state != nullptr) state_.emplace(hub_.home(), *shared.state, core);
}

Worker::~Worker() = default;

// --- Turns ------------------------------------------------------------------------------------

void Worker::begin_turn(const reactor::Now& now) {
  now_ = now;
  now_ms_ = now.monotonic_ms();
  if (is_outdated()) reconfigure();
  admin_.begin_turn(now);
  hub_.begin_turn(now);
  look_at_memory();
  if (state_) state_->begin_turn(now);
  if (phase_changed()) [[unlikely]]
    enter_phase();
}

// Everything on this core that holds on to a snapshot follows, and only then may the old one go.
void Worker::reconfigure() {
  snapshot_ = &shared_.config.newest();
  hub_.reconfigure(HubSettings::from(snapshot_->config(), core_, shared_.mail.cores()));
  front_.reconfigure(snapshot_->config());
  admin_.reconfigure(snapshot_->config());
  exchanges_.set_limits(limits_of(snapshot_->config()));
  shared_.config.adopted(core_, *snapshot_);
}

void Worker::happened(const reactor::Event& event) {
  const std::uint32_t index = event.token.index;
  Session* session = sessions_.find(index, event.token.generation);
  if (session == nullptr || session->phase == Phase::kDead) return;
  if (event.failed && session->connection.has_timed_out()) [[unlikely]] {
    close(index, CloseReason::kTimedOut);
    return;
  }
  session->peer_closed = session->peer_closed || event.peer_closed;
  session->unread = session->unread || event.readable;
  bool was_read = false;
  if (event.writable) {
    if (!flush_out(index)) {
      close(index, CloseReason::kClientLeft);
      return;
    }
    if (session->connection.unsent() > 0) {
      // The answer is on its way; only a client that fetches nothing runs into the timeout.
      if (session->phase != Phase::kListening) set_timeout(index, Timeout::kIdle);
    } else {
      if (session->phase == Phase::kTalking) {
        await_frames(index);
        // Before the hub fills the socket again: who is behind may want fewer channels.
        read(index);
        was_read = true;
      }
      const bool has_room = session->connection.unsent() == 0;
      if (session->subscriber != kNoIndex && has_room) hub_.writable(session->subscriber);
      if (session->phase == Phase::kClosing) send_fin_when_flushed(index);
      if (session->phase == Phase::kParting) await_peers_close(index);
    }
  }
  // Also when there was only room to write: what was left unread meanwhile is read now.
  if (!was_read && session->phase != Phase::kDead) read(index);
}

bool Worker::end_turn(std::uint64_t heard_until_us) {
  bool more = shared_.mail.receive(core_, kMailBudget, [this](std::size_t from, HubMessage&& m) {
    hub_.receive(from, std::move(m));
  });

  // Reading may put a session on the list again: it is read once a turn.
  std::vector<Ref> resuming = std::exchange(resuming_, {});
  for (const Ref ref : resuming) {
    Session* session = sessions_.find(ref.index, ref.generation);
    if (session == nullptr) continue;
    session->resuming = false;
    if (session->phase != Phase::kDead) read(ref.index);
  }
  std::size_t budget = kTimeoutBudget;
  for (; budget > 0; --budget) {
    const std::uint32_t index = timers_.pop_due(heard_until_us / 1000);
    if (index == kNoIndex) break;
    time_out(index);
  }
  more = budget == 0 || more;

  more = read_pushes() || more;

  const bool draining = phase_ == ServerPhase::kDraining;
  if (draining) more = drain_sessions() || more;

  // The other cores begin with their part while this one sweeps.
  flush_mail();
  more = hub_.end_turn(heard_until_us) || more;
  if (draining) report_when_drained();
  flush_mail();

  for (const std::uint32_t index : dead_) {
    unsent_memory_ -= sessions_[index].connection.memory();
    return_exchange(sessions_[index]);
    release(index);
    sessions_.erase(index);
  }
  dead_.clear();
  if (snapshot_->config().limits.max_memory > 0) shared_.memory.tell(core_, memory_use().total());
  return more || !resuming_.empty() || (state_ && state_->has_work());
}

std::optional<std::uint64_t> Worker::next_deadline_us() {
  std::optional<std::uint64_t> next = hub_.next_deadline_us();
  const auto sooner = [&next](std::uint64_t due_ms) {
    next = std::min(next.value_or(due_ms * 1000), due_ms * 1000);
  };
  if (const auto due_ms = timers_.next_due_ms(now_ms_)) sooner(*due_ms);
  if (phase_ == ServerPhase::kDraining && !reported_drained_) sooner(drain_ends_ms_);
  if (state_) {
    if (const auto due_us = state_->next_deadline_us()) {
      next = std::min(next.value_or(*due_us), *due_us);
    }
  }
  // A full mailbox makes no event when it has room again.
  for (std::size_t core = 0; core < posted_.size(); ++core) {
    if (shared_.mail.backlog(core_, core) > 0) sooner(now_ms_ + 1);
  }
  return next;
}

void Worker::flush_mail() {
  for (std::size_t core = 0; core < posted_.size(); ++core) {
    if (!posted_[core]) continue;
    posted_[core] = shared_.mail.flush(core_, core);
    shared_.wakers[core]->wake();
  }
}

// --- Closing ----------------------------------------------------------------------------------

// A close with unread bytes in the socket would be a reset, and destroy the answer on its way
// (RFC 9112 9.6): send FIN, and wait a little for the peer's.
void Worker::begin_closing(std::uint32_t index) {
  Session& session = sessions_[index];
  session.phase = Phase::kClosing;
  set_timeout(index, Timeout::kIdle);
  if (index == consuming_) return;  // consume() goes on when its answers have left
  return_exchange(session);
  send_fin_when_flushed(index);
}

void Worker::send_fin_when_flushed(std::uint32_t index) {
  Session& session = sessions_[index];
  return_exchange(session);
  if (session.fin_sent || session.connection.unsent() > 0) return;
  session.fin_sent = true;
  if (session.port == Port::kFront) --front_sessions_;
  set_timeout(index, Timeout::kClose);
  session.connection.shut_down();
  resume_later(index);
}

void Worker::count(std::uint32_t index, CloseReason reason) {
  if (count_end(index)) hub_.closes().add(reason);
}

void Worker::close(std::uint32_t index, CloseReason reason) {
  if (sessions_[index].phase == Phase::kDead) return;
  count(index, reason);
  kill(index);
}

void Worker::kill(std::uint32_t index) {
  Session& session = sessions_[index];
  if (session.phase == Phase::kDead) return;
  session.phase = Phase::kDead;
  if (session.port == Port::kFront && !session.fin_sent) --front_sessions_;
  timers_.cancel(index);
  if (session.subscriber != kNoIndex) hub_.leave(std::exchange(session.subscriber, kNoIndex));
  if (index != consuming_) return_exchange(session);
  dead_.push_back(index);
}

// --- Timeouts ---------------------------------------------------------------------------------

// A timeout runs from the beginning of what it limits: bytes that trickle in do not extend it.
void Worker::set_timeout(std::uint32_t index, Timeout timeout) {
  Session& session = sessions_[index];
  if (session.timeout == timeout) {
    // Between requests, each request begins a new wait.
    if (timeout != Timeout::kIdle) return;
  }
  session.timeout = timeout;
  const auto& limits = snapshot_->config().limits;
  std::uint64_t after_ms = 0;
  switch (timeout) {
    case Timeout::kNone:
      timers_.cancel(index);
      return;
    case Timeout::kIdle:
      after_ms = std::uint64_t{limits.idle_timeout_s} * 1000;
      break;
    case Timeout::kHead:
      after_ms = std::uint64_t{limits.header_timeout_s} * 1000;
      break;
    case Timeout::kBody:
      after_ms = std::uint64_t{limits.body_timeout_s} * 1000;
      break;
    case Timeout::kClose:
      after_ms = kCloseTimeoutMs;
      break;
  }
  timers_.arm(index, now_ms_ + after_ms);
}

void Worker::time_out(std::uint32_t index) {
  Session& session = sessions_[index];
  if (session.phase == Phase::kTalking && session.connection.unsent() == 0) {
    fail_websocket(index, CloseReason::kSlowRequest,
                   {http::CloseCode::kPolicyViolation, "the message did not arrive in time"});
    return;
  }
  const bool in_request = session.phase == Phase::kReading && session.exchange != nullptr &&
                          !session.exchange->parser.idle();
  if (!in_request) {
    close(index, reason_of_timeout(session));
    return;
  }
  session.keep_alive = false;
  fail(index, {408, "the request did not arrive in time"});
}

}  // namespace comet
