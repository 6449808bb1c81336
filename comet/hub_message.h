// What hubs say to each other: the messages in the mailboxes between cores.
//
// Values that are moved; a message that stays on its core is handed over directly, in the same
// words. Indices name objects of the core that the field speaks of, and mean nothing elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>

#include "comet/channel_listing.h"
#include "comet/channel_report.h"
#include "comet/core_report.h"
#include "comet/history.h"
#include "comet/message.h"
#include "comet/name.h"
#include "comet/outcome.h"
#include "comet/presence.h"
#include "comet/push_order.h"
#include "comet/ref.h"
#include "comet/salvage.h"
#include "comet/subscriber_listing.h"
#include "comet/token.h"

namespace comet {

// A part of a channel's history, as it was when the channel's next number was `next`. What is
// published from there on follows as Deliver in the same mailbox, so a subscriber who has got the
// last part goes on with the live messages without a gap (or a repeat).
struct Replay {
  History messages{1};
  std::uint64_t next = 1;

  [[nodiscard]] bool is_last() const { return messages.next() == next; }
};

// Local half to home: one subscriber wants in. `wanted` is the request's seq.
struct Join {
  Ref audience;
  Ref subscriber;
  ChannelName name;
  std::int64_t wanted = 0;
  std::uint64_t replay_bytes_max = 0;  // of the first part; a longer message comes by itself
  Token token;
  bool has_token = false;
  bool observes = false;  // is_observer(its transport)
  bool returns = false;   // on a connection that has subscribed before
};

// Home to local half.
struct Joined {
  Ref audience;
  Ref subscriber;
  Outcome outcome = Outcome::kOk;
  Ref channel;             // to name in Leave
  bool tell_next = false;  // the client must be told the next number first
  bool observes = false;   // as in the Join
  Replay replay;
  // Set when a crash lies between the wanted number and the replay: what is left from before it,
  // perhaps nothing. The client is told each number at which the messages go on.
  std::unique_ptr<Salvage> salvage;
};

// Local half to home: a subscriber wants the next part of the history.
struct Fetch {
  Ref channel;
  Ref subscriber;
  std::uint64_t from = 0;
  std::uint64_t replay_bytes_max = 0;
};

// Home to local half. The part begins later than was asked for if that is no longer kept. A channel
// that is gone says nothing: Closed went ahead.
struct Fetched {
  Ref subscriber;
  Replay replay;
};

// Local half to home: `count` of its seats are gone, `observers` of which were no subscribers.
struct Leave {
  Ref channel;
  Ref audience;
  std::uint32_t count;
  std::uint32_t observers = 0;
};

// Local half to home: its window is full of what it has not brought to everybody yet, or is no
// more.
struct Behind {
  Ref channel;
  Ref audience;
  bool is_behind = false;
};

// Home to local half: message `seq` was published.
struct Deliver {
  Ref audience;
  std::uint64_t seq;
  MessageRef message;
};

// Home to local half: the channel was closed by /close.
struct Closed {
  Ref audience;
};

// What an administrator asks about one channel, to its home; answered by Answer.
struct Command {
  enum class Verb : std::uint8_t { kPublish, kSign, kClose, kClear, kInspect };
  Verb verb;
  std::uint32_t expires_s = 0;  // kSign; 0 means the default
  Ref session;
  ChannelName name;
  MessageRef message;  // kPublish
};

struct Answer {
  static Answer refusal(Ref session, Outcome outcome) {
    Answer answer;
    answer.session = session;
    answer.outcome = outcome;
    return answer;
  }

  Ref session;
  Outcome outcome = Outcome::kOk;
  std::uint64_t seq = 0;  // published: its number; sign: the oldest; close, clear: the next
  std::uint64_t subscribers = 0;
  std::uint32_t expires_s = 0;
  Token token;
};

// A question or an order to every core; each returns SurveyReply.
struct Survey {
  struct Broadcast {
    MessageRef message;
  };
  struct WatchPresence {
    PresenceEvents events;
  };
  struct AboutCore {};
  struct AboutChannel {
    ChannelName name;
  };
  struct AboutChannels {
    ListingQuery query;
  };
  struct AboutSubscribers {
    SubscriberQuery query;
  };
  using Question = std::variant<Broadcast, WatchPresence, AboutCore, AboutChannel, AboutChannels,
                                AboutSubscribers>;

  Ref survey;
  Question question;
};

// What a core says to a question; nothing to an order.
using Finding =
    std::variant<std::monostate, std::unique_ptr<CoreReport>, std::unique_ptr<ChannelReport>,
                 std::unique_ptr<ChannelPage>, std::unique_ptr<SubscriberPage>>;

struct SurveyReply {
  Ref survey;
  Finding finding;
};

// The core has no watcher of these events any more.
struct UnwatchPresence {
  PresenceEvents events;
};

// Home to a core that watches: a line of /psub. Those of channels are for all watchers.
struct Presence {
  PresenceEvents events;
  MessageRef line;
};

// Home to a core that watched: it does not keep up, and lines are left out for it. It watches no
// more, until it says so again.
struct PresenceCut {};

using HubMessage = std::variant<Join, Joined, Fetch, Fetched, Leave, Behind, Deliver, Closed,
                                Command, Answer, PushOrder, PushReport, Survey, SurveyReply,
                                UnwatchPresence, Presence, PresenceCut>;

// What a message between hubs holds beside its own bytes, as far as that can be much and nobody
// else counts it: contents on their way to a home, and from there. Those of a batch are counted
// where it was read, broadcasts by themselves.
struct HubMessageWeight {
  std::size_t operator()(const HubMessage& message) const {
    if (const auto* deliver = std::get_if<Deliver>(&message)) return deliver->message->own_memory();
    return of_others(message);
  }

 private:
  // Apart: inlined, GCC 12 warns of members that a message of another kind does not have.
  [[gnu::noinline]] static std::size_t of_others(const HubMessage& message) {
    const auto* command = std::get_if<Command>(&message);
    return command != nullptr && command->message ? command->message->own_memory() : 0;
  }
};

}  // namespace comet
