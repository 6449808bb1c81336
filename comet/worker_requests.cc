// The half of Worker that reads requests, hands them to Front, Admin and the hub, and answers them.
#include <utility>

#include "comet/config_pages.h"
#include "comet/overloaded.h"
#include "comet/text_memory.h"
#include "comet/worker.h"
#include "http/response.h"
#include "reactor/check.h"
#include "reactor/proxy_header.h"

namespace comet {
namespace {

using reactor::kNoIndex;
using Phase = Session::Phase;
using Timeout = Session::Timeout;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr int kRequestTimeout = 408;

bool has_ended(reactor::IoResult::Status status) {
  return status == reactor::IoResult::Status::kClosed ||
         status == reactor::IoResult::Status::kTimedOut;
}

CloseReason reason_of(reactor::IoResult::Status ended) {
  return ended == reactor::IoResult::Status::kTimedOut ? CloseReason::kTimedOut
                                                       : CloseReason::kClientLeft;
}

}  // namespace

// --- Reading requests -------------------------------------------------------------------------

// Reads what a session in its phase may be sent, at most a scratch buffer full: the others have a
// turn, too. Whoever stops before the socket is empty comes back, by end_exchange() or here.
void Worker::read(std::uint32_t index) {
  Session& session = sessions_[index];
  switch (session.phase) {
    case Phase::kReading:
      break;
    case Phase::kProxied:
      read_proxy_header(index);
      return;
    case Phase::kListening:
      // What follows a poll waits in the socket until the poll is answered.
      if (session.peer_closed) {
        hub_.half_closed(session.subscriber);
      } else if (session.endless) {
        discard_input(index);
      }
      return;
    case Phase::kTalking:
    case Phase::kParting:
      read_websocket(index);
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
    count_text(*session.exchange);
    consume(index, unparsed);
    if (session.phase == Phase::kReading) resume_later(index);
    return;
  }
  const std::string_view received = receive(index, kScratchBytes);
  if (received.empty()) return;
  consume(index, received);
  if (session.unread && session.phase != Phase::kDead) resume_later(index);
}

// What has arrived, at most so much and a scratch buffer full. Nothing when there is nothing, or
// when the client has left and its session is dead.
std::string_view Worker::receive(std::uint32_t index, std::size_t bytes_max) {
  Session& session = sessions_[index];
  DCHECK(bytes_max <= kScratchBytes);
  if (!session.unread) return {};
  const reactor::IoResult result = session.connection.receive({scratch_.get(), bytes_max});
  // A short read has emptied the socket, and what comes later is reported (epoll(7)); only a FIN
  // that was reported already must still be fetched.
  session.unread = result.bytes == bytes_max || session.peer_closed;
  if (has_ended(result.status)) close(index, reason_of(result.status));
  return {scratch_.get(), result.bytes};
}

// The header and what follows it may come in pieces, or together.
void Worker::read_proxy_header(std::uint32_t index) {
  Session& session = sessions_[index];
  const std::string_view received = receive(index, kScratchBytes);
  if (received.empty()) return;
  std::string& so_far = exchange_of(session).unparsed;
  so_far.append(received);
  count_text(*session.exchange);
  const auto header = reactor::ProxyHeader::parse(so_far);
  if (header.state == reactor::ProxyHeader::State::kMalformed) {
    close(index, CloseReason::kBadProxyHeader);
    return;
  }
  if (header.state == reactor::ProxyHeader::State::kComplete) {
    if (header.client && !client_named(index, header.client->address)) return;
    so_far.erase(0, header.size);
    session.phase = Phase::kReading;
    if (so_far.empty()) return_exchange(session);
  }
  // What follows the header is read from `unparsed`, like what follows a request.
  if (session.unread || session.phase == Phase::kReading) resume_later(index);
}

// What a client sends while an endless response runs, or after its last request, is nobody's.
void Worker::discard_input(std::uint32_t index) {
  Session& session = sessions_[index];
  const reactor::IoResult result = session.connection.receive({scratch_.get(), kScratchBytes});
  if (has_ended(result.status)) {
    const bool closing = session.phase == Phase::kClosing;
    close(index, closing ? CloseReason::kFinished : reason_of(result.status));
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
      if (const auto failure = objection(session)) {
        fail(index, *failure);
        break;
      }
      if (exchange.parser.wants_continue()) cork_.append(kContinue);
      count_text(exchange);
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
  if (session.is_websocket()) begin_frames(index);
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
  const bool to_be_read = polling || session.is_websocket() || session.phase == Phase::kAwaiting ||
                          session.phase == Phase::kReading;
  if (!bytes.empty() && to_be_read) {
    Exchange& exchange = exchange_of(session);
    exchange.unparsed.assign(bytes);
    count_text(exchange);
  } else if (polling) {
    return_exchange(session);
  }
}

void Worker::dispatch(std::uint32_t index, const http::Request& request) {
  Session& session = sessions_[index];
  session.keep_alive = request.keep_alive;
  session.head_only = request.method == http::Method::kHead;
  set_timeout(index, Timeout::kNone);
  if (session.entry != Entry::kGranted) {
    count(index, reason_of(session.entry));
    reply(index, refusal_of(session.entry, turned_away_++));
  } else if (session.port == Port::kFront) {
    dispatch_front(index, request);
  } else if (const auto reason = snapshot_->admission.refusal(request, session.standing())) {
    count(index, *reason);
    reply(index, refusal_reply(*reason));
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
  if (const CloseReason* reason = std::get_if<CloseReason>(&action)) {
    count(index, *reason);
    reply(index, refusal_reply(*reason));
    return;
  }
  if (WebsocketOpening* opening = std::get_if<WebsocketOpening>(&action)) {
    // Where there is a channel, its home decides.
    const bool asks_nobody = !opening->subscribe.has_channel() && !sessions_[index].subscribed;
    if (asks_nobody && hub_.memory_gate().is_shut()) {
      fail(index, kNoMemory);
    } else {
      open_websocket(index, std::move(*opening));
    }
    return;
  }
  SubscribeRequest& subscribe = std::get<SubscribeRequest>(action);
  Session& session = sessions_[index];
  subscribe.returns = session.subscribed;
  session.subscribed = session.subscribed || !hub_.memory_gate().is_shut();
  begin_listening(session, subscribe.framing);
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
                 [&](BroadcastOrder& order) { broadcast(ref, std::move(order.message)); },
                 [&](CoresQuestion& about) { hub_.ask_cores(ref, std::move(about.question)); },
                 [&](ConfigQuestion&) {
                   Reply page;
                   page.content_type = kJson;
                   page.body = render_config_json(snapshot_->loaded);
                   reply(index, page);
                 },
                 [&](WatchPresence& watch) {
                   if (!hub_.takes_watchers()) {
                     answer(Answer::refusal(ref, Outcome::kOverloaded));
                     return;
                   }
                   begin_listening(session, presence);
                   set_subscriber(index, hub_.subscribe_presence(index, watch.events, presence,
                                                                 session.keep_alive));
                 },
                 [&](std::unique_ptr<PushBatch>& push) { begin_push(index, std::move(push)); },
                 [&](SubscribeRequest& tail) {
                   begin_listening(session, tail.framing);
                   set_subscriber(index, hub_.subscribe(index, std::move(tail)));
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
  // A WebSocket says itself when it is over.
  if (session.peer_closed && !session.is_websocket()) hub_.half_closed(subscriber);
}

// --- Answering --------------------------------------------------------------------------------

void Worker::reply(std::uint32_t index, const Reply& reply) {
  Session& session = sessions_[index];
  if (reply.close || phase_ == ServerPhase::kDraining) session.keep_alive = false;
  std::string response;
  std::string& out = index == consuming_ ? cork_ : response;
  const bool plain = reply.status == 200 && reply.headers.empty() && !session.head_only;
  if (plain) {
    hub_.heads().append_response(out, session.port, reply.content_type, session.keep_alive,
                                 reply.body);
  } else {
    append_rare(out, session, reply);
  }
  if (index != consuming_ && !write_out(index, response)) {
    close(index, CloseReason::kClientLeft);
  }
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
  CloseReason reason = CloseReason::kMalformed;
  if (failure.status == kRequestTimeout) reason = CloseReason::kSlowRequest;
  if (failure.status == kOutOfMemory) {
    reason = CloseReason::kMemoryFull;
    error.headers = "Retry-After: 1\r\n";
  }
  count(index, reason);
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
  session.counted = false;
  if (index == consuming_) return;
  const bool unparsed = session.exchange != nullptr && !session.exchange->unparsed.empty();
  if (!unparsed) return_exchange(session);
  set_timeout(index, Timeout::kIdle);
  // The poller reported what came meanwhile; it will not do so again.
  if (unparsed || session.unread) resume_later(index);
}

void Worker::flush_cork() {
  if (cork_.empty()) return;
  const bool alive = sessions_[consuming_].phase == Phase::kDead || write_out(consuming_, cork_);
  make_empty(cork_);
  if (!alive) close(consuming_, CloseReason::kClientLeft);
}

}  // namespace comet
