// The part of Worker that reads what WebSocket clients send while the hub writes to them (RFC
// 6455).
#include <utility>

#include "comet/operation_answers.h"
#include "comet/worker.h"
#include "http/websocket_close.h"
#include "http/websocket_frame.h"
#include "reactor/check.h"

namespace comet {
namespace {

using reactor::kNoIndex;
using Decoder = http::WebsocketDecoder;
using Phase = Session::Phase;
using Timeout = Session::Timeout;

// What one client may make a core do, and keep for it, in a turn: so many bytes of frames, the
// shortest of which have six, and so many messages, each of which may ask a home for history. The
// rest waits, and the others have a turn, too.
constexpr std::size_t kFrameBytesPerTurn = 4096;
constexpr std::size_t kMessagesPerTurn = 16;

}  // namespace

// --- Coming -----------------------------------------------------------------------------------

void Worker::open_websocket(std::uint32_t index, WebsocketOpening&& opening) {
  DCHECK(index == consuming_);
  Session& session = sessions_[index];
  session.phase = Phase::kTalking;
  session.keep_alive = false;
  // Goes ahead of what the hub says.
  http::append_websocket_head(cork_, opening.handshake, {}, hub_.heads().date());
  set_subscriber(index, hub_.subscribe(index, std::move(opening.subscribe)));
}

// The first of them may have come with the handshake.
void Worker::begin_frames(std::uint32_t index) {
  Session& session = sessions_[index];
  const bool unparsed = session.exchange != nullptr && !session.exchange->unparsed.empty();
  if (!unparsed) return_exchange(session);
  // Where the handshake itself was read from `unparsed`, more may be in the socket.
  if (unparsed || session.unread) resume_later(index);
}

// --- Reading frames -----------------------------------------------------------------------------

void Worker::read_websocket(std::uint32_t index) {
  Session& session = sessions_[index];
  // A client that does not fetch what it is answered is not listened to: what it sends stays in the
  // socket, and in its own when that is full.
  if (session.connection.unsent() > 0) return;
  std::string kept;
  std::string_view bytes;
  if (session.exchange != nullptr && !session.exchange->unparsed.empty()) {
    kept = std::exchange(session.exchange->unparsed, {});
    bytes = kept;
  } else {
    bytes = receive(index, kFrameBytesPerTurn);
    if (bytes.empty()) return;
    if (session.subscriber != kNoIndex) hub_.heard(session.subscriber);
  }
  bytes.remove_prefix(consume_frames(index, bytes.substr(0, kFrameBytesPerTurn)));
  if (session.is_websocket() && !bytes.empty()) {
    Exchange& exchange = exchange_of(session);
    exchange.unparsed.assign(bytes);
    count_text(exchange);
  }
  const bool more = session.unread || !kept.empty() || !bytes.empty();
  if (more && session.phase != Phase::kDead) resume_later(index);
}

// Returns how much of it was: the rest has its turn later, or when what was answered has left.
std::size_t Worker::consume_frames(std::uint32_t index, std::string_view bytes) {
  Session& session = sessions_[index];
  DCHECK(consuming_ == kNoIndex);
  consuming_ = index;
  Exchange& exchange = exchange_of(session);
  const std::size_t received = bytes.size();
  std::size_t messages = 0;
  while (session.is_websocket() && session.connection.unsent() == 0 &&
         messages < kMessagesPerTurn) {
    const Decoder::Progress progress = exchange.frames.decode(bytes);
    bytes.remove_prefix(progress.consumed);
    if (progress.state == Decoder::State::kNeedMore) {
      count_text(exchange);
      if (lacks_memory_for(exchange)) {
        fail_websocket(index, CloseReason::kMemoryShort,
                       {http::CloseCode::kTryAgainLater, "out of memory; try again later"});
      }
      break;
    }
    if (progress.state == Decoder::State::kText) ++messages;
    heed_frame(index, exchange.frames, progress.state);
  }
  flush_cork();
  consuming_ = kNoIndex;
  if (session.phase == Phase::kClosing) send_fin_when_flushed(index);
  if (session.is_websocket()) await_frames(index);
  return received - bytes.size();
}

// A message that has begun must end some time, and what was answered must be fetched.
void Worker::await_frames(std::uint32_t index) {
  Session& session = sessions_[index];
  const Exchange* const exchange = session.exchange.get();
  const bool within_message = exchange != nullptr && !exchange->frames.idle();
  const bool unparsed = exchange != nullptr && !exchange->unparsed.empty();
  if (!within_message && !unparsed) return_exchange(session);
  if (session.phase == Phase::kParting) return;
  if (session.connection.unsent() > 0) {
    set_timeout(index, Timeout::kIdle);
  } else {
    set_timeout(index, within_message ? Timeout::kBody : Timeout::kNone);
  }
}

// --- What they mean -----------------------------------------------------------------------------

void Worker::heed_frame(std::uint32_t index, const Decoder& decoder, Decoder::State state) {
  if (state == Decoder::State::kClose) {
    answer_close(index, decoder.close_code());
    return;
  }
  // Who was told to go is only waited for.
  if (sessions_[index].phase == Phase::kParting && state != Decoder::State::kFailed) return;
  switch (state) {
    case Decoder::State::kText:
      set_timeout(index, Timeout::kNone);  // the next message has a time of its own
      heed_op(index, decoder.payload());
      break;
    case Decoder::State::kBinary:
      fail_websocket(index, CloseReason::kWebsocketFault,
                     {http::CloseCode::kUnsupportedData, "only text is understood"});
      break;
    case Decoder::State::kPing:
      http::append_frame(cork_, http::Opcode::kPong, decoder.payload());
      break;
    case Decoder::State::kFailed:
      fail_websocket(index, CloseReason::kWebsocketFault, decoder.fault());
      break;
    default:
      break;  // a pong says that the client lives, as everything does
  }
}

void Worker::heed_op(std::uint32_t index, std::string_view text) {
  const std::uint32_t subscriber = sessions_[index].subscriber;
  auto read = ops_.read(text);
  if (const auto* error = std::get_if<WebsocketOpError>(&read)) {
    append_operation_error(cork_, error->op, error->cname, error->reason);
    if (cork_.size() > kCorkBytesMax) flush_cork();
    return;
  }
  if (subscriber == kNoIndex) return;  // the server drains, and has said so
  // What was answered before leaves first: if that is the connection's end, the hub must not hear
  // of it while it writes.
  flush_cork();
  if (!sessions_[index].is_websocket()) return;
  WebsocketOp& op = std::get<WebsocketOp>(read);
  switch (op.verb) {
    case WebsocketOp::Verb::kSubscribe:
      hub_.add_channel(subscriber, std::move(op.channel));
      break;
    case WebsocketOp::Verb::kUnsubscribe:
      hub_.drop_channel(subscriber, op.channel.name.text);
      break;
  }
}

// --- Closing ------------------------------------------------------------------------------------

// The peer's close frame is answered with its own code (RFC 6455 5.5.1), or is itself the answer.
// Then it is the server that closes the connection first (7.1.1).
void Worker::answer_close(std::uint32_t index, http::CloseCode code) {
  Session& session = sessions_[index];
  if (session.phase == Phase::kTalking) http::append_close_frame(cork_, code, {});
  leave_hub(session);
  begin_closing(index);
}

// "Fail the WebSocket Connection" (7.1.7): nothing that the peer says after it counts.
void Worker::fail_websocket(std::uint32_t index, CloseReason reason,
                            const http::WebsocketFault& fault) {
  Session& session = sessions_[index];
  count(index, reason);
  if (session.phase == Phase::kTalking) {
    std::string frame;
    http::append_close_frame(frame, fault.code, fault.reason);
    if (index == consuming_) {
      cork_.append(frame);
    } else if (!write_out(index, frame)) {
      close(index, CloseReason::kClientLeft);
      return;
    }
  }
  leave_hub(session);
  begin_closing(index);
}

// The hub has said why it ends, in a close frame.
void Worker::await_close(std::uint32_t index) {
  sessions_[index].phase = Phase::kParting;
  await_peers_close(index);
  if (index != consuming_) resume_later(index);
}

// The peer's close frame follows soon, once it has fetched ours.
void Worker::await_peers_close(std::uint32_t index) {
  const bool fetched = sessions_[index].connection.unsent() == 0;
  set_timeout(index, fetched ? Timeout::kClose : Timeout::kIdle);
}

void Worker::leave_hub(Session& session) {
  if (session.subscriber != kNoIndex) hub_.leave(std::exchange(session.subscriber, kNoIndex));
}

}  // namespace comet
