#include "tests/simulation/bundle_follower.h"

#include <algorithm>

#include "tests/simulation/violation.h"

namespace simulation {

using comet::Ending;
using support::Event;
using support::MemorySession;

namespace {

std::vector<std::string> names_of(const std::vector<Subscription*>& channels) {
  std::vector<std::string> names;
  for (const Subscription* channel : channels) {
    names.push_back(channel->follower.in_json(channel->peer.name));
  }
  return names;
}

}  // namespace

BundleFollower::BundleFollower(std::size_t number, const comet::SubscribeRequest& request,
                               const std::vector<Subscription*>& channels)
    : number_(number),
      framing_(request.framing),
      keep_alive_(request.keep_alive),
      callback_(request.poll.callback),
      noop_(request.noop),
      all_(channels.begin(), channels.end()),
      reader_(request.framing, names_of(channels)) {
  for (Subscription* channel : channels) channels_.push_back({channel, Origin::kRequest});
}

std::string BundleFollower::name_of(const Channel& channel) const {
  return channel.subscription->follower.in_json(channel.subscription->peer.name);
}

BundleFollower::Channel& BundleFollower::channel_named(const Event& event) {
  const auto found = std::find_if(channels_.begin(), channels_.end(), [&](const Channel& channel) {
    return name_of(channel) == event.cname;
  });
  INVARIANT(found != channels_.end(), "bundle {} got {} of a channel that it does not have",
            number_, support::to_string(event));
  return *found;
}

void BundleFollower::end(const Channel& channel) {
  channel.subscription->peer.finished = true;
  std::erase_if(channels_,
                [&](const Channel& other) { return other.subscription == channel.subscription; });
}

// The latest of that name: those before it have left already.
void BundleFollower::dropped(const std::string& name) {
  const auto found = std::find_if(channels_.rbegin(), channels_.rend(),
                                  [&](const Channel& channel) { return name_of(channel) == name; });
  INVARIANT(found != channels_.rend() && !found->subscription->peer.left,
            "bundle {} does not have {}", number_, name);
  found->subscription->peer.left = true;
  expected_.push_back({"unsubscribed", name, 0, ""});
}

std::vector<Subscription*> BundleFollower::present() const {
  std::vector<Subscription*> present;
  for (const Channel& channel : channels_) {
    if (!channel.subscription->peer.left) present.push_back(channel.subscription);
  }
  return present;
}

std::vector<Event> BundleFollower::read(const MemorySession& session) {
  std::vector<Event> events;
  if (is_poll()) {
    if (!session.listening && read_ == 0) check_poll(session, events);
    return events;
  }
  const std::string_view bytes = std::string_view(session.received).substr(read_);
  read_ = session.received.size();
  reader_.read(bytes, events);
  INVARIANT(reader_.error().empty(), "bundle {}: {} at \"{}\"", number_, reader_.error(),
            reader_.tail());
  for (const Event& event : events) follow(event);
  if (!session.listening) check_ended(session);
  return events;
}

// --- Endless responses ------------------------------------------------------------------------

void BundleFollower::follow(const Event& event) {
  if (event.type == "close frame") return;  // nothing follows it, as the reader knows
  if (event.type == "ping") {
    pinged_ = true;
  } else if (event.type == "noop") {
    follow_noop(event);
  } else if (event.type == "subscribed" || event.type == "unsubscribed" || event.type == "error") {
    follow_answer(event);
  } else {
    for (const Channel& other : channels_) {
      INVARIANT(
          !other.subscription->follower.is_within_broadcast() || name_of(other) == event.cname,
          "bundle {} got {} between a broadcast and its next_seq", number_,
          support::to_string(event));
    }
    Channel& channel = channel_named(event);
    INVARIANT(channel.origin == Origin::kRequest || channel.answered,
              "bundle {} got {} before the answer to its operation", number_,
              support::to_string(event));
    channel.subscription->follower.follow(event);
    if (channel.subscription->follower.is_over()) end(channel);
  }
}

// One for the connection, under the name of its first channel.
void BundleFollower::follow_noop(const Event& event) {
  INVARIANT(!channels_.empty(), "bundle {} got a heartbeat without a channel", number_);
  const Event wanted{"noop", name_of(channels_.front()), noop_, ""};
  INVARIANT(event == wanted, "bundle {} got {} where {} was due", number_,
            support::to_string(event), support::to_string(wanted));
  noop_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(noop_) + 1);
}

void BundleFollower::follow_answer(const Event& event) {
  if (!expected_.empty() && event == expected_.front()) {
    expected_.pop_front();
    if (event.type == "unsubscribed") end(channel_named(event));
    return;
  }
  INVARIANT(event.type != "unsubscribed", "bundle {} got {}, which was not due", number_,
            support::to_string(event));
  if (event.type == "error") {
    follow_refusal(event);
    return;
  }
  Channel& channel = channel_named(event);
  const Peer& peer = channel.subscription->peer;
  INVARIANT(channel.origin == Origin::kOperation && !std::exchange(channel.answered, true),
            "bundle {} got {} without asking", number_, support::to_string(event));
  INVARIANT(peer.admission == Admission::kIn || peer.admission == Admission::kPerhapsFull,
            "bundle {} got {}, and is not let in", number_, support::to_string(event));
  INVARIANT(event.seq == static_cast<std::int64_t>(peer.start),
            "bundle {} got {}, and begins at {}", number_, support::to_string(event), peer.start);
}

void BundleFollower::follow_refusal(const Event& event) {
  Channel& channel = channel_named(event);
  INVARIANT(channel.origin == Origin::kOperation && !channel.answered,
            "bundle {} got {} without asking", number_, support::to_string(event));
  const char* type = event.content == "Token error" ? "401" : "429";
  channel.subscription->follower.follow({type, event.cname, 0, event.content});
  INVARIANT(channel.subscription->follower.is_over(), "bundle {} got {}, and is let in", number_,
            support::to_string(event));
  end(channel);
}

void BundleFollower::check_ended(const MemorySession& session) const {
  if (left || session.gone || session.ended == Ending::kBroken) return;
  if (!session.kept.empty()) return;  // its end is still in the server
  INVARIANT(reader_.tail().empty(), "bundle {} ended within \"{}\"", number_, reader_.tail());
  const bool sent_away = is_websocket() || !channels_.empty();
  INVARIANT(!sent_away || session.ended == Ending::kLast, "bundle {} ended for no reason", number_);
  INVARIANT(reader_.last_chunk() == (framing_.chunked && !sent_away),
            "bundle {}: the last chunk is wrong", number_);
  INVARIANT(reader_.closed() == is_websocket(), "bundle {} ended without a close frame", number_);
  const bool sse = framing_.transport == comet::Transport::kSse;
  INVARIANT(reader_.retry_ms().has_value() == (sent_away && sse),
            "bundle {} was told when to come back, or was not", number_);
  for (const Channel& channel : channels_) {
    const bool owed = channel.origin == Origin::kOperation && !channel.answered;
    INVARIANT(!owed && channel.subscription->follower.may_be_sent_away(),
              "bundle {} was sent away too early", number_);
  }
}

void BundleFollower::check_complete(const MemorySession& session) const {
  if (!session.listening || session.gone || left) return;
  INVARIANT(is_poll() || is_websocket() || !reader_.head().empty(), "bundle {} has no head",
            number_);
  INVARIANT(reader_.tail().empty(), "bundle {} stopped within \"{}\"", number_, reader_.tail());
  INVARIANT(expected_.empty(), "bundle {} was not told {}", number_,
            support::to_string(expected_.front()));
  INVARIANT(is_websocket() || !channels_.empty(), "bundle {} waits without a channel", number_);
  for (const Channel& channel : channels_) {
    INVARIANT(channel.origin == Origin::kRequest || channel.answered,
              "bundle {} has no answer to its operation", number_);
    channel.subscription->follower.check_channel_complete();
  }
}

// --- Polls ------------------------------------------------------------------------------------

void BundleFollower::check_poll(const MemorySession& session, std::vector<Event>& events) {
  const bool may_be_cut = left || session.gone || session.ended == Ending::kBroken;
  if (may_be_cut || !session.kept.empty()) return;
  read_ = session.received.size();
  const support::Transcript transcript = support::read_poll(session.received);
  INVARIANT(transcript.error.empty(), "bundle {}: {} in \"{}\"", number_, transcript.error,
            session.received);
  INVARIANT(transcript.callback == callback_, "bundle {}: callback is \"{}\"", number_,
            transcript.callback);
  events = transcript.events;
  std::string place;  // names come in the order of the request
  std::deque<Channel> left_over = channels_;
  if (events.front().type == "noop") {
    INVARIANT(events.size() == 1, "bundle {} got more than a noop", number_);
    follow_noop(events.front());
  } else {
    for (const Event& event : events) {
      INVARIANT(event.type != "noop", "bundle {} got a noop among messages", number_);
      while (!left_over.empty() && name_of(left_over.front()) != event.cname) left_over.pop_front();
      INVARIANT(!left_over.empty(), "bundle {}: {} is out of order", number_,
                support::to_string(event));
      left_over.front().subscription->follower.follow(event);
    }
  }
  bool waited = false;
  for (const Channel& channel : channels_) {
    const Peer& peer = channel.subscription->peer;
    const Follower& follower = channel.subscription->follower;
    if (follower.is_over() && !follower.has_begun_with_history()) continue;
    INVARIANT(follower.may_be_sent_away(), "bundle {} lacks what {} has", number_, peer.name);
    INVARIANT(peer.in_parts || follower.next() >= peer.waits_until,
              "bundle {} got {} up to {} of what waited up to {}", number_, peer.name,
              follower.next(), peer.waits_until);
    waited = waited || follower.has_begun_with_history();
  }
  INVARIANT(transcript.array == (waited || events.size() > 1),
            "bundle {}: array or object is wrong", number_);
}

}  // namespace simulation
