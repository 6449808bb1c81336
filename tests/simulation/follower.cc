#include "tests/simulation/follower.h"

#include <utility>

#include "tests/simulation/violation.h"

namespace simulation {

using comet::Ending;
using support::Event;
using support::MemorySession;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

Follower::Follower(const Peer& peer, const Gaps& gaps)
    : peer_(peer), gaps_(gaps), reader_(peer.request.framing), noop_(peer.request.noop) {}

std::string Follower::in_json(std::string text) const {
  if (peer_.request.framing.transport != comet::Transport::kIframe) return text;
  return replaced(std::move(text), "</", "<\\/");
}

void Follower::expect(const Event& event, const Event& wanted) const {
  INVARIANT(event == wanted, "peer {} got {} where {} was due", peer_.number,
            support::to_string(event), support::to_string(wanted));
}

std::vector<Event> Follower::read(const MemorySession& session) {
  std::vector<Event> events;
  if (peer_.admission == Admission::kAbsent) {
    check_absent(session);
    return events;
  }
  if (peer_.is_poll()) {
    // A poll is looked at as a whole, when it has ended.
    if (!session.listening && read_ == 0) check_poll(session, events);
    return events;
  }
  const std::string_view bytes = std::string_view(session.received).substr(read_);
  read_ = session.received.size();
  reader_.read(bytes, events);
  INVARIANT(reader_.error().empty(), "peer {}: {} at \"{}\"", peer_.number, reader_.error(),
            reader_.tail());
  for (const Event& event : events) follow(event);
  if (!session.listening) check_ended_endless(session);
  return events;
}

void Follower::check_absent(const MemorySession& session) const {
  constexpr std::string_view kNotFound = "HTTP/1.1 404 ";
  const std::string_view begin = std::string_view(session.received).substr(0, kNotFound.size());
  INVARIANT(kNotFound.starts_with(begin), "peer {} looks on where nothing is, and got \"{}\"",
            peer_.number, session.received);
  INVARIANT(!session.listening || begin.empty(), "peer {} waits behind its answer", peer_.number);
}

bool Follower::is_refusal(const std::vector<Event>& events) const {
  std::string type = "429";
  std::string content = "Too many subscribers";
  if (peer_.admission == Admission::kTooManyChannels) content = "Too many channels";
  if (peer_.admission == Admission::kOverloaded || peer_.admission == Admission::kMemoryFull) {
    content = "Overloaded";
  }
  if (peer_.admission == Admission::kTokenError) {
    type = "401";
    content = "Token error";
  }
  if (peer_.admission == Admission::kIn) return false;
  if (peer_.admission == Admission::kPerhapsFull && events.at(0).type != type) return false;
  INVARIANT(peer_.admission != Admission::kUnknown, "peer {} got {} before its home knew of it",
            peer_.number, support::to_string(events[0]));
  INVARIANT(events.size() == 1, "peer {} got more than a refusal", peer_.number);
  expect(events[0], {type, in_json(peer_.name), 0, content});
  return true;
}

// --- Endless responses ------------------------------------------------------------------------

void Follower::follow(const Event& event) {
  INVARIANT(!closed_ && !refused_, "peer {} got {} behind the end", peer_.number,
            support::to_string(event));
  if (!begun_) {
    begun_ = true;
    refused_ = is_refusal({event});
    if (refused_) return;
    next_ = peer_.start;
    told_ = !peer_.tell_next;
  }
  const std::string name = in_json(peer_.name);
  const auto next = static_cast<std::int64_t>(next_);
  if (told_ && !broadcast_ && is_at_gap()) {
    cross_gap(event);
  } else if (!told_) {
    told_ = true;
    expect(event, {"next_seq", name, next, ""});
  } else if (event.type == "noop") {
    INVARIANT(!broadcast_, "peer {} got a heartbeat between a broadcast and its next_seq",
              peer_.number);
    expect(event, {"noop", name, noop_, ""});
    noop_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(noop_) + 1);
  } else if (event.type == "close") {
    closed_ = true;
    // Who fetches what it missed is told at once, and with the number what it will not get. So is a
    // poll that would have come back for what lies behind a gap.
    const bool may_miss = gaps_ == Gaps::kAnnounced || peer_.in_parts ||
                          (peer_.is_poll() && peer_.ends_at_gap && next_ == peer_.waits_until);
    const bool gap = may_miss && event.seq > next;
    if (gap) next_ = static_cast<std::uint64_t>(event.seq);
    expect(event, {"close", name, gap ? event.seq : next, ""});
    INVARIANT(peer_.channel->closed, "peer {} was told of a close that nobody asked for",
              peer_.number);
    INVARIANT(next_ == peer_.channel->next(), "peer {} was told of the close before number {}",
              peer_.number, next_);
  } else if (broadcast_) {
    broadcast_ = false;
    expect(event, {"next_seq", name, next, ""});
  } else if (event.type == "next_seq" && gaps_ == Gaps::kAnnounced && event.seq > next) {
    next_ = static_cast<std::uint64_t>(event.seq);
    INVARIANT(next_ <= peer_.channel->next(), "peer {} skips to {}, which nobody published",
              peer_.number, next_);
  } else {
    follow_message(event);
  }
}

// Numbers that a crash took lie before it.
bool Follower::is_at_gap() const {
  return next_ < peer_.channel->next() && !peer_.channel->has(next_);
}

void Follower::cross_gap(const Event& event) {
  next_ = peer_.channel->goes_on(next_);
  expect(event, {"next_seq", in_json(peer_.name), static_cast<std::int64_t>(next_), ""});
}

void Follower::follow_message(const Event& event) {
  INVARIANT(next_ < peer_.channel->next(), "peer {} got {}, which nobody published", peer_.number,
            support::to_string(event));
  const Published& published = peer_.channel->messages.at(next_);
  broadcast_ = published.type == comet::Message::Type::kBroadcast;
  expect(event, {broadcast_ ? "broadcast" : "data", in_json(peer_.name),
                 static_cast<std::int64_t>(next_), in_json(published.content)});
  ++next_;
}

void Follower::check_ended_endless(const MemorySession& session) const {
  if (peer_.left || session.gone || session.ended == Ending::kBroken) return;
  if (!session.kept.empty()) return;  // its end is still in the server
  INVARIANT(reader_.head().starts_with("HTTP/1.1 200 OK\r\n"), "peer {} got the head \"{}\"",
            peer_.number, reader_.head());
  INVARIANT(reader_.tail().empty(), "peer {} ended within \"{}\"", peer_.number, reader_.tail());
  const bool sent_away = session.ended == Ending::kLast && !closed_ && !refused_;
  INVARIANT(reader_.last_chunk() == (peer_.request.framing.chunked && !sent_away),
            "peer {}: the last chunk is wrong", peer_.number);
  const bool sse = peer_.request.framing.transport == comet::Transport::kSse;
  INVARIANT(reader_.retry_ms().has_value() == (sent_away && sse),
            "peer {} was told when to come back, or was not", peer_.number);
  INVARIANT(closed_ || refused_ || sent_away, "peer {} ended for no reason", peer_.number);
  INVARIANT(!sent_away || may_be_sent_away(), "peer {} was sent away too early", peer_.number);
}

void Follower::check_complete(const MemorySession& session) const {
  if (!session.listening || session.gone || peer_.left) return;
  check_channel_complete();
  if (peer_.is_poll()) return;
  INVARIANT(!reader_.head().empty() && reader_.tail().empty(), "peer {} stopped within \"{}\"",
            peer_.number, reader_.tail());
}

void Follower::check_channel_complete() const {
  INVARIANT(peer_.admission == Admission::kIn || peer_.admission == Admission::kPerhapsFull,
            "peer {} waits without having been let in", peer_.number);
  const ModelChannel& channel = *peer_.channel;
  INVARIANT(!channel.closed, "peer {} was not told of the close", peer_.number);
  if (peer_.is_poll()) {
    INVARIANT(!peer_.tell_next && peer_.start == channel.next(),
              "peer {} still waits for number {}, and the next is {}", peer_.number, peer_.start,
              channel.next());
    return;
  }
  const std::uint64_t next = this->next();
  INVARIANT(begun_ ? told_ : !peer_.tell_next, "peer {} was not told the next number",
            peer_.number);
  INVARIANT(!broadcast_, "peer {} lacks the next_seq of a broadcast", peer_.number);
  INVARIANT(next == channel.next(), "peer {} lacks the messages from {} to {}", peer_.number, next,
            channel.next() - 1);
}

// --- Polls ------------------------------------------------------------------------------------

void Follower::check_poll(const MemorySession& session, std::vector<Event>& events) {
  const bool may_be_cut = peer_.left || session.gone || session.ended == Ending::kBroken;
  if (may_be_cut || !session.kept.empty()) return;
  read_ = session.received.size();
  const support::Transcript transcript = support::read_poll(session.received);
  INVARIANT(transcript.error.empty(), "peer {}: {} in \"{}\"", peer_.number, transcript.error,
            session.received);
  INVARIANT(transcript.callback == peer_.request.poll.callback, "peer {}: callback is \"{}\"",
            peer_.number, transcript.callback);
  events = transcript.events;
  begun_ = true;
  next_ = peer_.start;
  if (is_refusal(events)) return;
  const auto start = static_cast<std::int64_t>(peer_.start);
  const bool live = peer_.start == peer_.joined_at;
  const std::string& type = events[0].type;
  bool array = false;
  if (peer_.tell_next) {
    expect(events[0], {"next_seq", peer_.name, start, ""});
  } else if (type == "noop" || type == "close") {
    const bool is_noop = type == "noop";
    expect(events[0], {type, peer_.name, is_noop ? peer_.request.noop : start, ""});
    INVARIANT(is_noop || peer_.channel->closed, "poll {} was told of a close", peer_.number);
    INVARIANT(live, "poll {} got {} instead of what waited", peer_.number, type);
  } else {
    for (const Event& event : events) {
      if (std::exchange(broadcast_, false)) {
        expect(event, {"next_seq", peer_.name, static_cast<std::int64_t>(next_), ""});
      } else if (is_at_gap()) {
        cross_gap(event);
        INVARIANT(&event == &events.back(), "poll {} got more behind a gap", peer_.number);
      } else {
        follow_message(event);
      }
    }
    INVARIANT(!broadcast_, "poll {} lacks the next_seq of a broadcast", peer_.number);
    INVARIANT(live || next_ == peer_.waits_until || (peer_.in_parts && next_ < peer_.waits_until),
              "poll {} got up to {} of what waited up to {}", peer_.number, next_,
              peer_.waits_until);
    array = !live || events.size() > 1;
  }
  INVARIANT(transcript.array == array, "poll {}: array or object is wrong", peer_.number);
  INVARIANT(array || events.size() == 1, "poll {} got more than one message", peer_.number);
}

}  // namespace simulation
