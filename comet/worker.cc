#include "comet/worker.h"

#include <algorithm>
#include <utility>

#include "http/response.h"
#include "reactor/check.h"

namespace comet {
namespace {

using reactor::kNoIndex;
using Phase = Session::Phase;
using Timeout = Session::Timeout;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// How long a closing connection may take to fetch its last bytes and close its side.
constexpr std::uint64_t kCloseTimeoutMs = 2000;
constexpr std::size_t kMailBudget = 1024;
constexpr std::size_t kTimeoutBudget = 1024;

http::RequestLimits limits_of(const Config& config) {
  http::RequestLimits limits;
  limits.target_bytes_max = config.limits.target_bytes;
  limits.header_bytes_max = config.limits.header_bytes;
  limits.header_count_max = config.limits.header_count;
  limits.body_bytes_max = config.limits.body_bytes;
  return limits;
}

std::vector<Port> ports_of(const std::vector<Listener>& listeners) {
  std::vector<Port> ports;
  for (const Listener& listener : listeners) ports.push_back(listener.port);
  return ports;
}

std::vector<reactor::Fd> fds_of(std::vector<Listener> listeners) {
  std::vector<reactor::Fd> fds;
  for (Listener& listener : listeners) fds.push_back(std::move(listener.fd));
  return fds;
}

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace

Worker::Worker(Shared& shared, std::size_t core, std::vector<Listener> listeners)
    : shared_(shared),
      core_(core),
      limits_(limits_of(shared.config)),
      ports_(ports_of(listeners)),
      loop_(*this, fds_of(std::move(listeners))),
      now_ms_(reactor::Now::read().monotonic_ms()),
      hub_(HubSettings::from(shared.config, core, shared.mail.cores()), shared.channel_count, *this,
           reactor::Now::read()),
      front_(shared.config, shared.name_hash),
      admin_(shared.config, shared.name_hash),
      timers_(sessions_, now_ms_),
      scratch_(std::make_unique_for_overwrite<char[]>(kScratchBytes)),
      posted_(shared.mail.cores(), false) {
  shared_.wakers[core] = &loop_.waker();
}

Worker::~Worker() = default;

// --- Turns ------------------------------------------------------------------------------------

void Worker::begin_turn(const reactor::Now& now) {
  now_ms_ = now.monotonic_ms();
  hub_.begin_turn(now);
}

void Worker::accepted(std::size_t listener, reactor::Fd fd, const reactor::Endpoint& peer) {
  const Port port = ports_[listener];
  const bool denied = port == Port::kAdmin && !shared_.access.permits(peer.address);
  const std::uint32_t index = sessions_.emplace(std::move(fd), port, denied);
  set_timeout(index, Timeout::kHead);
  const reactor::Token token{index, sessions_.generation(index)};
  if (!loop_.poller().watch_edges(sessions_[index].connection.fd(), token)) kill(index);
}

void Worker::happened(const reactor::Event& event) {
  const std::uint32_t index = event.token.index;
  Session* session = sessions_.find(index, event.token.generation);
  if (session == nullptr || session->phase == Phase::kDead) return;
  session->peer_closed = session->peer_closed || event.peer_closed;
  session->unread = session->unread || event.readable;
  if (event.writable) {
    if (!session->connection.flush()) {
      kill(index);
      return;
    }
    if (session->connection.unsent() > 0) {
      // The answer is on its way; only a client that fetches nothing runs into the timeout.
      if (session->phase != Phase::kListening) set_timeout(index, Timeout::kIdle);
    } else {
      if (session->subscriber != kNoIndex) hub_.writable(session->subscriber);
      if (session->phase == Phase::kClosing) send_fin_when_flushed(index);
    }
  }
  // Also when there was only room to write: what was left unread meanwhile is read now.
  if (session->phase != Phase::kDead) read(index);
}

bool Worker::end_turn() {
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
    const std::uint32_t index = timers_.pop_due(now_ms_);
    if (index == kNoIndex) break;
    time_out(index);
  }
  more = budget == 0 || more;

  // The other cores begin with their part while this one sweeps.
  flush_mail();
  more = hub_.end_turn() || more;
  flush_mail();

  for (const std::uint32_t index : dead_) sessions_.erase(index);
  dead_.clear();
  return more || !resuming_.empty();
}

std::optional<std::uint64_t> Worker::next_deadline_us() {
  std::optional<std::uint64_t> next = hub_.next_deadline_us();
  const auto sooner = [&next](std::uint64_t due_ms) {
    next = std::min(next.value_or(due_ms * 1000), due_ms * 1000);
  };
  if (const auto due_ms = timers_.next_due_ms(now_ms_)) sooner(*due_ms);
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

// --- Wire -------------------------------------------------------------------------------------

Sent Worker::send(std::uint32_t index, std::string_view bytes) {
  Session& session = sessions_[index];
  if (index == consuming_) flush_cork();
  if (session.connection.unsent() > 0) return {SendStatus::kWouldBlock, 0};
  const reactor::IoResult result = session.connection.send(bytes);
  switch (result.status) {
    case reactor::IoResult::Status::kOk:
      return {SendStatus::kOk, result.bytes};
    case reactor::IoResult::Status::kWouldBlock:
      return {SendStatus::kWouldBlock, 0};
    default:
      return {SendStatus::kClosed, 0};
  }
}

bool Worker::write(std::uint32_t index, std::string_view bytes) {
  if (index == consuming_) flush_cork();
  return sessions_[index].connection.write(bytes);
}

void Worker::ended(std::uint32_t index, Ending ending) {
  Session& session = sessions_[index];
  session.subscriber = kNoIndex;
  if (session.phase == Phase::kDead) return;
  if (ending == Ending::kBroken) {
    kill(index);
  } else {
    end_exchange(index);
  }
}

void Worker::answer(const Answer& answer) {
  Session* session = sessions_.find(answer.session.index, answer.session.generation);
  if (session == nullptr || session->phase != Phase::kAwaiting) return;
  reply(answer.session.index, admin_.reply(session->exchange->question, answer));
}

void Worker::post(std::size_t core, HubMessage&& message) {
  shared_.mail.post(core_, core, std::move(message));
  posted_[core] = true;
}

// --- Reading requests -------------------------------------------------------------------------

// Reads what a session in its phase may be sent, at most a scratch buffer full: the others have a
// turn, too. Whoever stops before the socket is empty comes back, by end_exchange() or here.
void Worker::read(std::uint32_t index) {
  Session& session = sessions_[index];
  switch (session.phase) {
    case Phase::kReading:
      break;
    case Phase::kListening:
      // What follows a poll waits in the socket until the poll is answered.
      if (session.peer_closed) {
        hub_.half_closed(session.subscriber);
      } else if (session.endless) {
        discard_input(index);
      }
      return;
    case Phase::kClosing:
      // The client may have closed its side and still be fetching its answer.
      if (session.connection.unsent() == 0) discard_input(index);
      return;
    default:
      return;
  }
  // A client that does not fetch its answers gets no more of them.
  if (session.connection.unsent() > 0) return;
  if (session.exchange != nullptr && !session.exchange->unparsed.empty()) {
    const std::string unparsed = std::exchange(session.exchange->unparsed, {});
    consume(index, unparsed);
    if (session.phase == Phase::kReading) resume_later(index);
    return;
  }
  if (!session.unread) return;
  const reactor::IoResult result = session.connection.receive({scratch_.get(), kScratchBytes});
  // A short read has emptied the socket, and what comes later is reported (epoll(7)); only a FIN
  // that was reported already must still be fetched.
  session.unread = result.bytes == kScratchBytes || session.peer_closed;
  if (result.status == reactor::IoResult::Status::kWouldBlock) return;
  if (result.status == reactor::IoResult::Status::kClosed) {
    kill(index);
    return;
  }
  consume(index, {scratch_.get(), result.bytes});
  if (session.unread && session.phase != Phase::kDead) resume_later(index);
}

// What a client sends while an endless response runs, or after its last request, is nobody's.
void Worker::discard_input(std::uint32_t index) {
  Session& session = sessions_[index];
  const reactor::IoResult result = session.connection.receive({scratch_.get(), kScratchBytes});
  if (result.status == reactor::IoResult::Status::kClosed) {
    kill(index);
    return;
  }
  if (result.status == reactor::IoResult::Status::kWouldBlock) return;
  // Whoever sent a request into the void must not wait for its answer.
  session.keep_alive = false;
  if (result.bytes == kScratchBytes || session.peer_closed) resume_later(index);
}

void Worker::resume_later(std::uint32_t index) {
  Session& session = sessions_[index];
  if (session.resuming) return;
  session.resuming = true;
  resuming_.push_back({index, sessions_.generation(index)});
}

void Worker::consume(std::uint32_t index, std::string_view bytes) {
  Session& session = sessions_[index];
  DCHECK(consuming_ == kNoIndex && session.phase == Phase::kReading);
  consuming_ = index;
  // Also within one read, a client that does not fetch its answers gets no more of them.
  while (session.phase == Phase::kReading && !bytes.empty() && session.connection.unsent() == 0) {
    Exchange& exchange = exchange_of(session);
    const http::RequestParser::Progress progress = exchange.parser.parse(bytes);
    bytes.remove_prefix(progress.consumed);
    if (progress.state == http::RequestParser::State::kNeedMore) {
      if (exchange.parser.wants_continue()) cork_.append(kContinue);
      break;
    }
    if (progress.state == http::RequestParser::State::kFailed) {
      fail(index, exchange.parser.failure());
      break;
    }
    dispatch(index, exchange.parser.request());
    if (session.exchange != nullptr) session.exchange->parser.reset();
  }
  keep_unparsed(session, bytes);

  flush_cork();
  consuming_ = kNoIndex;
  if (session.phase == Phase::kClosing) send_fin_when_flushed(index);
  if (session.phase != Phase::kReading) return;
  if (session.exchange == nullptr || session.exchange->parser.idle()) {
    if (bytes.empty()) return_exchange(session);
    set_timeout(index, Timeout::kIdle);
  } else {
    set_timeout(index, session.exchange->parser.in_body() ? Timeout::kBody : Timeout::kHead);
  }
}

// What came behind a request whose answer is not here yet, or not fetched.
void Worker::keep_unparsed(Session& session, std::string_view bytes) {
  const bool polling = session.phase == Phase::kListening && !session.endless;
  const bool endless = session.phase == Phase::kListening && session.endless;
  if (!bytes.empty() && endless) session.keep_alive = false;
  const bool to_be_read =
      polling || session.phase == Phase::kAwaiting || session.phase == Phase::kReading;
  if (!bytes.empty() && to_be_read) {
    exchange_of(session).unparsed.assign(bytes);
  } else if (polling) {
    return_exchange(session);
  }
}

void Worker::dispatch(std::uint32_t index, const http::Request& request) {
  Session& session = sessions_[index];
  session.keep_alive = request.keep_alive;
  session.head_only = request.method == http::Method::kHead;
  set_timeout(index, Timeout::kNone);
  if (session.denied) {
    Reply denied = Reply::error(403, "this address may not use the admin port");
    denied.close = true;
    reply(index, denied);
  } else if (session.port == Port::kFront) {
    dispatch_front(index, request);
  } else {
    dispatch_admin(index, request);
  }
}

void Worker::dispatch_front(std::uint32_t index, const http::Request& request) {
  FrontAction action = front_.handle(request);
  if (const Reply* complete = std::get_if<Reply>(&action)) {
    reply(index, *complete);
    return;
  }
  SubscribeRequest& subscribe = std::get<SubscribeRequest>(action);
  begin_listening(sessions_[index], subscribe.framing);
  set_subscriber(index, hub_.subscribe(index, std::move(subscribe)));
}

void Worker::dispatch_admin(std::uint32_t index, const http::Request& request) {
  Session& session = sessions_[index];
  const Ref ref{index, sessions_.generation(index)};
  const Framing presence{Transport::kPresence, request.version_minor >= 1};
  AdminAction action = admin_.handle(request, session.exchange->question);
  session.phase = Phase::kAwaiting;
  std::visit(Overloaded{
                 [&](Reply& complete) { reply(index, complete); },
                 [&](Command& command) {
                   command.session = ref;
                   hub_.command(std::move(command));
                 },
                 [&](BroadcastOrder& order) { hub_.broadcast(ref, std::move(order.message)); },
                 [&](CountQuestion&) { hub_.count(ref); },
                 [&](WatchPresence&) {
                   begin_listening(session, presence);
                   set_subscriber(index,
                                  hub_.subscribe_presence(index, presence, session.keep_alive));
                 },
             },
             action);
}

void Worker::begin_listening(Session& session, Framing framing) {
  session.phase = Phase::kListening;
  session.endless = framing.transport != Transport::kPoll;
  if (!session.endless) return;
  return_exchange(session);
  // Without chunks, only closing says where the response ends.
  if (!framing.chunked) session.keep_alive = false;
}

void Worker::set_subscriber(std::uint32_t index, std::uint32_t subscriber) {
  if (subscriber == kNoIndex) return;
  Session& session = sessions_[index];
  if (session.phase == Phase::kDead) {
    hub_.leave(subscriber);
    return;
  }
  session.subscriber = subscriber;
  if (session.peer_closed) hub_.half_closed(subscriber);
}

// --- Answering --------------------------------------------------------------------------------

void Worker::reply(std::uint32_t index, const Reply& reply) {
  Session& session = sessions_[index];
  if (reply.close) session.keep_alive = false;
  std::string response;
  std::string& out = index == consuming_ ? cork_ : response;
  const bool plain = reply.status == 200 && reply.headers.empty() && !session.head_only;
  if (plain) {
    hub_.heads().append_response(out, session.port, reply.content_type, session.keep_alive,
                                 reply.body);
  } else {
    append_rare(out, session, reply);
  }
  if (index != consuming_ && !session.connection.write(response)) kill(index);
  if (cork_.size() > kCorkBytesMax) flush_cork();
  if (session.phase != Phase::kDead) end_exchange(index);
}

// Errors, answers with headers of their own, and those to HEAD.
void Worker::append_rare(std::string& out, const Session& session, const Reply& reply) {
  std::string headers;
  if (session.port == Port::kFront) headers.append(hub_.heads().front_headers());
  headers.append(reply.headers);
  http::ResponseHead head;
  head.status = reply.status;
  head.keep_alive = session.keep_alive;
  head.content_type = reply.content_type;
  head.extra_headers = headers;
  head.date = hub_.heads().date();
  if (session.head_only) {
    http::append_head(out, head, reply.body.size());
  } else {
    http::append_response(out, head, reply.body);
  }
}

void Worker::fail(std::uint32_t index, const http::Failure& failure) {
  Reply error = Reply::error(failure.status, failure.reason);
  error.close = true;
  sessions_[index].head_only = false;
  reply(index, error);
}

// The response is complete: on to the next request, or to the end.
void Worker::end_exchange(std::uint32_t index) {
  Session& session = sessions_[index];
  if (!session.keep_alive) {
    begin_closing(index);
    return;
  }
  session.phase = Phase::kReading;
  if (index == consuming_) return;
  const bool unparsed = session.exchange != nullptr && !session.exchange->unparsed.empty();
  if (!unparsed) return_exchange(session);
  set_timeout(index, Timeout::kIdle);
  // The poller reported what came meanwhile; it will not do so again.
  if (unparsed || session.unread) resume_later(index);
}

void Worker::flush_cork() {
  if (cork_.empty()) return;
  Session& session = sessions_[consuming_];
  const bool alive = session.phase == Phase::kDead || session.connection.write(cork_);
  cork_.clear();
  if (!alive) kill(consuming_);
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
  set_timeout(index, Timeout::kClose);
  session.connection.shut_down();
  resume_later(index);
}

void Worker::kill(std::uint32_t index) {
  Session& session = sessions_[index];
  if (session.phase == Phase::kDead) return;
  session.phase = Phase::kDead;
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
  const auto& limits = shared_.config.limits;
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
  const bool in_request = session.phase == Phase::kReading && session.exchange != nullptr &&
                          !session.exchange->parser.idle();
  if (!in_request) {
    kill(index);
    return;
  }
  session.keep_alive = false;
  fail(index, {408, "the request did not arrive in time"});
}

// --- Exchanges --------------------------------------------------------------------------------

Exchange& Worker::exchange_of(Session& session) {
  if (session.exchange == nullptr) {
    if (exchanges_.empty()) {
      session.exchange = std::make_unique<Exchange>(limits_);
    } else {
      session.exchange = std::move(exchanges_.back());
      exchanges_.pop_back();
    }
  }
  return *session.exchange;
}

void Worker::return_exchange(Session& session) {
  if (session.exchange == nullptr) return;
  session.exchange->parser.reset();
  session.exchange->unparsed.clear();
  if (exchanges_.size() < kExchangesKeptMax) exchanges_.push_back(std::move(session.exchange));
  session.exchange.reset();
}

}  // namespace comet
