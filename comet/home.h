// The channels whose home is this core: numbering, replay buffers, tokens, life and limits.
//
// Owned by a hub. What it is told arrives in the order of each sender's mailbox; what it tells
// goes out through Outbox in the order in which it was decided. It makes no system call and reads
// no clock.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "comet/channel_record.h"
#include "comet/hub_message.h"
#include "comet/hub_settings.h"
#include "comet/memory_gate.h"
#include "comet/name_table.h"
#include "reactor/slab.h"
#include "reactor/timer_wheel.h"

namespace comet {

// The number of channels in the whole server, against max_channels. Touched when a channel comes
// or goes, never per message.
using ChannelCount = std::atomic<std::uint32_t>;

// Messages to any core's hub, this one's included.
class Outbox {
 public:
  virtual ~Outbox() = default;
  virtual void send(std::size_t core, HubMessage&& message) = 0;
  [[nodiscard]] virtual bool congested(std::size_t core) const = 0;
  [[nodiscard]] bool any_congested(std::size_t cores) const {
    for (std::size_t core = 0; core < cores; ++core) {
      if (congested(core)) return true;
    }
    return false;
  }
  // Long before that: who can wait, waits.
  [[nodiscard]] virtual bool has_backlog(std::size_t core) const { return congested(core); }
};

// A core that has subscribers or observers of a channel, and how many.
struct Member {
  std::uint32_t core : 31;
  std::uint32_t is_behind : 1;  // as it said last; meanwhile nothing is published to it
  std::uint32_t count;
  Ref audience;
};

struct Channel {
  Channel(ChannelName channel_name, Token channel_token, std::uint64_t first_number)
      : name(std::move(channel_name)), history(first_number), token(channel_token) {}

  // Its buffered messages, and the number of the oldest; the next one where there is none.
  [[nodiscard]] std::uint32_t buffered() const {
    return history.size() + (salvage ? salvage->messages() : 0);
  }
  [[nodiscard]] std::uint64_t oldest() const {
    return salvage ? salvage->begin() : history.begin();
  }
  // Of the buffered messages: what they say, and what they take.
  [[nodiscard]] std::uint64_t bytes() const {
    return history.bytes() + (salvage ? salvage->bytes() : 0);
  }
  [[nodiscard]] std::uint64_t memory() const {
    return history.memory() + (salvage ? salvage->memory() : 0);
  }

  ChannelName name;
  History history;
  std::unique_ptr<Salvage> salvage;  // what is kept from before a crash; never empty
  Token token;
  absl::InlinedVector<Member, 1> members;
  std::uint64_t deadline_ms = 0;  // when it is forgotten, unless it has subscribers
  std::uint64_t announce_ms = 0;  // when /psub hears of it again
  std::uint32_t subscribers = 0;  // the sum of the members' counts, without observers
  // CLOCK_MONOTONIC, which people are told in their own time.
  std::uint32_t created_s = 0;
  std::uint32_t last_message_s = 0;  // 0: none yet
  reactor::TimerLink timer;
};

class Home {
 public:
  Home(const HubSettings& settings, ChannelCount& channel_count, Outbox& outbox,
       std::uint64_t now_ms);
  ~Home();

  // The settings have changed under the references that it holds.
  void reconfigured();

  void begin_turn(std::uint64_t now_ms) { now_ms_ = now_ms; }

  void join(std::size_t from, Join&& request);
  void fetch(std::size_t from, const Fetch& fetch);
  void leave(std::size_t from, const Leave& leave);
  void keep_pace(std::size_t from, const Behind& notice);
  // HOT for kPublish.
  Answer command(Command&& command);
  // A message for every channel. Each gets it, and its number, when a walk comes to it: the first
  // slice at once, the others by spread(). Broadcasts come one after the other. A channel that is
  // made after its walk began may or may not get it.
  // The reply is sent when the last channel has it. It waits while a core does not keep up.
  void begin_broadcast(std::size_t from, Ref survey, const MessageRef& message);
  // At most `budget` places of the table are looked at. True if some are left, to be looked at at
  // once: where the walk has to wait, for a core that does not keep up or for numbers, a new turn
  // comes by itself.
  bool spread(std::uint32_t budget) { return !broadcasts_.empty() && spread_some(budget); }
  // The report follows when push_some() has published, or refused, everything.
  void begin_push(std::size_t from, PushOrder&& order);
  void watch_presence(std::size_t core, PresenceEvents events);
  void unwatch_presence(std::size_t core, PresenceEvents events);
  // Whose subscribers came and went since the last call, told to those who want to know.
  void tell_changes() {
    if (!changes_.empty()) tell_all_changes();
  }
  [[nodiscard]] bool has_changes() const { return !changes_.empty(); }

  // Channels whose time has come, at most `budget` of them. True if some are left.
  bool expire(std::size_t budget);
  // Replay buffers that are longer than a new configuration allows, in at most `budget` places of
  // the table. True if some are left.
  bool trim(std::uint32_t budget) { return trimming_from_ && trim_some(budget); }
  // Channels that are to be announced again in time, since somebody has begun to watch; likewise.
  bool arm_announcements(std::uint32_t budget) { return arming_from_ && arm_some(budget); }
  // Goes on with what is pushed in batches, at most `budget` messages. True if it can go on at
  // once; a core that does not keep up makes it wait a while first.
  bool push(std::size_t budget) { return !pushes_.empty() && push_some(budget); }
  [[nodiscard]] std::optional<std::uint64_t> next_deadline_ms() const;

  // While it is shut, nothing is begun that makes the server larger: no channel, no subscriber, and
  // no message but one that takes the place of another as long.
  MemoryGate& memory_gate() { return memory_gate_; }
  [[nodiscard]] const MemoryGate& memory_gate() const { return memory_gate_; }
  [[nodiscard]] MemoryUse memory() const;

  [[nodiscard]] std::size_t channels() const { return channels_.size(); }
  void add_to(CoreReport& report) const;
  // Nothing where there is no such channel.
  [[nodiscard]] std::optional<ChannelReport::Home> describe(const ChannelName& name) const;

  // A page of channels. The reply is sent by list(), which looks at no more than `budget` places
  // for channels; true if some are left to be looked at.
  void begin_listing(std::size_t from, Ref survey, ListingQuery query);
  bool list(std::size_t budget) { return !listings_.empty() && list_some(budget); }

  // --- Saving and restoring: see channel_walk.h and number_ledger.h.
  // Slots [0, slots()) hold the channels; null where there is none.
  [[nodiscard]] std::uint32_t slots() const { return channels_.index_end(); }
  [[nodiscard]] const Channel* channel_at(std::uint32_t slot) const {
    return channels_.is_live(slot) ? &channels_[slot] : nullptr;
  }
  [[nodiscard]] std::uint32_t generation_at(std::uint32_t slot) const {
    return channels_.generation(slot);
  }
  // Before there is any channel: the number of a new one's first message.
  void number_from(std::uint64_t first) { first_number_ = first; }
  // Puts a saved channel in place, instead of one of its name. It lives `lives_ms` without
  // subscribers. False when there are too many channels.
  bool restore(ChannelName&& name, ChannelRecord&& record, std::uint64_t lives_ms);
  // From this number on, given out in any channel, greatest_watched() says how far they go; from
  // the ceiling on none is given out. from <= ceiling.
  void watch_numbers(std::uint64_t from, std::uint64_t ceiling) {
    watched_from_ = from;
    ceiling_ = ceiling;
  }
  // The greatest number given out that was watched, 0 when none was.
  [[nodiscard]] std::uint64_t greatest_watched() const { return greatest_watched_; }

  // Tests: how far it has come with what takes it several turns.
  struct Progress {
    std::size_t broadcasts = 0;  // under way
    // Of the first: the places of the table before `place` have it, those from `end` on will not.
    std::uint32_t place = 0;
    std::optional<std::uint32_t> end;    // none: its walk has not begun
    std::span<const PushResult> pushed;  // of the first batch
  };
  [[nodiscard]] Progress progress() const;
  // Tests: walks everything and checks the invariants.
  void validate() const;

 private:
  // A page of channels that is being made for another core, or this one.
  struct Listing {
    std::size_t from;
    Ref survey;
    ChannelScan scan;
    std::uint32_t next_index;
  };
  // A broadcast that is under way: the channels before next_index have it.
  struct Spreading {
    std::size_t from;
    Ref survey;
    MessageRef message;
    std::uint32_t next_index = 0;
    std::optional<std::uint32_t>
        end_index{};  // behind the channels that were there at its beginning
    std::optional<std::uint64_t> held_up_ms{};  // since when a core holds it up
  };
  // A batch, or what of it belongs here, for the core that asked.
  struct Push {
    std::size_t from;
    PushOrder order;
    std::vector<PushResult> results;  // so far
    std::uint64_t began_ms;           // when it came
    std::uint64_t moved_ms;           // when it last got ahead
  };
  // Subscribers who came to a channel or left it.
  struct Change {
    std::uint32_t channel;
    bool joined;
    bool left;
  };
  using ByCore = std::vector<bool>;
  struct Created {
    std::uint32_t index;
    Outcome outcome;
  };

  [[nodiscard]] std::uint32_t find(const ChannelName& name) const { return names_.find(name); }
  [[nodiscard]] std::uint32_t now_s() const { return static_cast<std::uint32_t>(now_ms_ / 1000); }
  Created find_or_create(ChannelName&& name);
  Outcome let_in(const Join& request, std::uint32_t& index);
  [[nodiscard]] Replay replay(const Channel& channel, std::uint64_t from,
                              std::uint64_t bytes_max) const;
  [[nodiscard]] std::unique_ptr<Salvage> salvage_for(const Channel& channel,
                                                     std::int64_t wanted) const;
  void add_member(Channel& channel, std::size_t core, Ref audience);
  // How much may wait for a core: whoever can wait himself leaves more room to those who cannot.
  using IsFull = bool (Outbox::*)(std::size_t core) const;
  // Whether one of the cores that must hear of its messages has enough to do.
  [[nodiscard]] bool is_held_up(const Channel& channel, IsFull is_full) const;
  [[nodiscard]] bool would_grow(const Channel& channel, const MessageRef& message) const;
  // Whether a publisher is to come back later, and why.
  [[nodiscard]] Outcome may_publish(const Channel& channel, const MessageRef& message,
                                    IsFull is_full) const;
  // Says why it was not done; then nothing has happened.
  Outcome publish(Channel& channel, const MessageRef& message);
  void close(std::uint32_t index);
  void forget(std::uint32_t index);
  void shorten(Channel& channel);
  void shorten_salvage(Channel& channel);
  bool trim_some(std::uint32_t budget);
  bool spread_some(std::uint32_t budget);
  bool spread_slice(Spreading& broadcast, std::uint32_t& budget);
  bool waits_for_core(Spreading& broadcast, const Channel& channel) const;
  bool arm_some(std::uint32_t budget);
  bool push_some(std::size_t budget);
  std::optional<PushResult> push_next(const Push& push);
  bool list_some(std::size_t budget);
  static void offer(ChannelScan& scan, const Channel& channel);
  void extend_life(Channel& channel);
  void arm(std::uint32_t index);
  [[nodiscard]] bool is_watched() const { return watchers_[0] + watchers_[1] > 0; }
  [[nodiscard]] bool tells_changes() const {
    return watchers_[static_cast<std::size_t>(PresenceEvents::kSubscribers)] > 0;
  }
  void announce(PresenceEvents events, std::string_view what, const ChannelName& name);
  void cut_presence(std::size_t core);
  Change& change_of(std::uint32_t channel);
  void tell_all_changes();
  void tell(const Change& change);
  void tell_of_end(std::uint32_t channel);
  Ref ref(std::uint32_t index) const { return {index, channels_.generation(index)}; }

  const HubSettings& settings_;
  ChannelCount& channel_count_;
  Outbox& outbox_;
  std::uint64_t now_ms_;
  reactor::Slab<Channel> channels_;
  NameTable<Channel> names_{channels_};
  reactor::TimerWheel<Channel, &Channel::timer> timers_;
  std::optional<std::uint32_t> trimming_from_;    // while replay buffers may be too long
  std::array<ByCore, kPresenceEvents> watching_;  // by events: has the core anybody who watches?
  std::array<std::size_t, kPresenceEvents> watchers_{};      // by events: cores
  std::vector<Change> changes_;                              // in the order of their beginning
  absl::flat_hash_map<std::uint32_t, std::size_t> changed_;  // their places, by channel
  std::deque<Listing> listings_;                             // one after the other
  std::optional<std::uint32_t> arming_from_;  // while channels may lack a time to be announced
  std::deque<Spreading> broadcasts_;          // one after the other
  std::deque<Push> pushes_;                   // likewise
  std::uint64_t messages_in_ = 0;
  std::uint64_t first_number_ = 1;  // of a new channel; greater than 1 once there was a crash
  std::uint64_t watched_from_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t ceiling_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t greatest_watched_ = 0;
  MemoryGate memory_gate_;
  // Of all channels together, kept up to date as they change.
  std::uint64_t history_memory_ = 0;
  std::uint64_t name_memory_ = 0;
};

}  // namespace comet
