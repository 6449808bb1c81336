// One core's local halves: who listens here, who is behind, and the sweeps that bring them up.
//
// Owned by a hub. It makes no system call and reads no clock: bytes leave through Wire, words to
// homes through Outbox. No allocation and no reference count is touched per subscriber per
// message; a sweep reads a seat, sends, and goes on to the next.
//
// A subscriber's way: subscribe() makes the record and asks the home (joining); joined() answers
// with the head and what it missed, and seats it; from then on it is a seat, until its poll is
// answered, its client leaves, its socket breaks, it is lapped, or its channel is closed. What it
// needs and the window does not hold, it fetches from the home, part by part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "comet/audience.h"
#include "comet/bundles.h"
#include "comet/close_reason.h"
#include "comet/delivery_counters.h"
#include "comet/delivery_lag.h"
#include "comet/drain_walk.h"
#include "comet/header_lines.h"
#include "comet/heartbeat_cache.h"
#include "comet/home.h"
#include "comet/hub_message.h"
#include "comet/hub_settings.h"
#include "comet/name_table.h"
#include "comet/poll_answer_cache.h"
#include "comet/presence_watchers.h"
#include "comet/response_heads.h"
#include "comet/run_cache.h"
#include "comet/subscribe_request.h"
#include "comet/subscriber.h"
#include "comet/sweep_queue.h"
#include "comet/wire.h"
#include "reactor/clock.h"
#include "reactor/slab.h"
#include "reactor/timer_wheel.h"

namespace comet {

class Audiences {
 public:
  Audiences(const HubSettings& settings, Wire& wire, Outbox& outbox, const reactor::Now& now);

  // The settings have changed under the reference that it holds.
  void reconfigured();

  void begin_turn(const reactor::Now& now);
  // While memory is short, less is kept for those who fall behind.
  void memory_is(MemoryState state);
  [[nodiscard]] MemoryUse memory() const;

  // A session wants to listen. Returns its subscriber, or kNoIndex if the response has ended
  // already (Wire::ended() was called).
  std::uint32_t subscribe(std::uint32_t session, SubscribeRequest&& request);
  // A WebSocket's operations, each of which is answered; see API.md. They may end its response.
  void add_channel(std::uint32_t websocket, Subscription&& channel);
  void drop_channel(std::uint32_t websocket, std::string_view cname);
  // Whether its client would have to be told that it has that channel already.
  [[nodiscard]] bool has_channel(std::uint32_t websocket, std::string_view cname) const {
    return member_of(websocket, cname) != reactor::kNoIndex;
  }
  void heard(std::uint32_t websocket);
  // The same for /psub; begin_presence() follows once every core will tell of its channels.
  Ref subscribe_presence(std::uint32_t session, PresenceEvents events, Framing framing,
                         bool keep_alive);
  void begin_presence(Ref subscriber);
  // The client is gone.
  void leave(std::uint32_t subscriber);
  // The client will send no more, so it can't be told from one that is gone. One that waits is
  // ended (Wire::ended()); one that is not let in yet still gets what can be answered at once.
  void half_closed(std::uint32_t subscriber);
  [[nodiscard]] bool is_present(Ref subscriber) {
    return subscribers_.find(subscriber.index, subscriber.generation) != nullptr;
  }
  // There is room in the socket again.
  void writable(std::uint32_t subscriber);

  void joined(Joined&& reply);
  void fetched(const Fetched& reply);
  // HOT. Appends to the window and marks the audience for the next sweep.
  void deliver(const Deliver& message);
  void closed(const Closed& notice);
  void presence(const Presence& line);
  // Lines were left out: everybody on /psub is ended.
  void cut_presence();

  // Sends what waits, to at most `budget` subscribers. True if some are left. HOT.
  bool sweep(std::size_t budget);
  // Asks homes for what subscribers missed, for at most `budget` of them. True if some are left.
  bool fetch(std::size_t budget) { return !fetches_.empty() && fetch_some(budget); }
  // Heartbeats that are due, at most `budget`. True if some are left. All that clients had sent by
  // `heard_until_us` was heard(): whoever owes an answer to the last one is ended by that alone.
  bool beat(std::size_t budget, std::uint64_t heard_until_us);
  // From now on everybody is sent away, spread over that time at most; who comes meanwhile gets
  // what there is, and goes. /psub stays.
  void begin_drain(std::uint64_t duration_us, std::uint64_t seed);
  [[nodiscard]] bool is_draining() const { return drain_.has_value(); }
  // is_draining(): sends away those whose time has come, at most `budget`. True if some of them are
  // left.
  bool drain(std::size_t budget);
  // Nobody is left whose time has not come.
  [[nodiscard]] bool has_drained() const {
    return is_draining() && (drain_->is_over() || nobody_listens());
  }
  // The end of a turn: tells homes who left and forgets empty audiences.
  void review();
  // The clock at the end of the turn: what its passes brought has left by now.
  void turn_ended(std::uint64_t now_us) { lag_.turn_ended(now_us); }

  [[nodiscard]] std::optional<std::uint64_t> next_deadline_us() const;
  // Those who are seated, /psub and observers not counted.
  [[nodiscard]] std::size_t subscribers() const { return listening_.total(); }
  [[nodiscard]] SubscriberCounts subscribers_of(const ChannelName& name) const;
  // This core's part of a page.
  void list_subscribers(const SubscriberQuery& query, SubscriberPage& page) const;
  void add_to(CoreReport& report) const;
  [[nodiscard]] const DeliveryCounters& counters() const { return counters_; }
  CloseCounts& closes() { return closes_; }
  [[nodiscard]] const CloseCounts& closes() const { return closes_; }
  ResponseHeads& heads() { return heads_; }

  // Tests: walks everything and checks the invariants.
  void validate();
  // Tests: no record of anybody is left. That of /psub itself stays once there was one.
  [[nodiscard]] bool is_empty() const {
    return subscribers_.size() == 0 && polls_.size() == 0 && bundles_.size() == 0 &&
           audiences_.size() == watchers_.audiences();
  }

 private:
  // So many times its bound the window of an audience that is behind may hold.
  static constexpr std::uint32_t kWindowsMax = 2;
  // Seats of one audience served before another's turn comes.
  static constexpr std::size_t kSliceSeats = 64;

  enum class Pass : std::uint8_t {
    kComplete,   // nobody is behind who is not blocked
    kCut,        // the budget is used up
    kOvertaken,  // everybody was served, but messages came meanwhile
  };
  enum class Progress : std::uint8_t { kCurrent, kBlocked, kGone };

  // --- Bundles
  std::uint32_t subscribe_bundle(std::uint32_t session, SubscribeRequest&& request);
  [[nodiscard]] std::uint32_t member_of(std::uint32_t lead, std::string_view cname) const;
  std::uint32_t enlist(std::uint32_t lead, Subscription& channel);
  void ask_home(std::uint32_t member, const Subscription& channel);
  void detach(std::uint32_t member);
  void remove_bundle(std::uint32_t lead);
  void member_joined(std::uint32_t member, const Joined& reply);
  bool greet_member(std::uint32_t member, const Joined& reply);
  void hold_history(std::uint32_t member, const Joined& reply);
  void refuse_member(std::uint32_t member, Outcome outcome);
  bool tell(std::uint32_t member, std::string_view type, std::int64_t seq,
            std::string_view content);
  void end_member(std::uint32_t member, std::string_view type, std::int64_t seq,
                  std::string_view content);
  bool answer_operation(std::uint32_t lead, std::string_view object);
  void serve(std::uint32_t lead);
  void fetch_next(std::uint32_t lead);
  void settle(std::uint32_t lead);
  void half_close_bundle(std::uint32_t lead);
  [[nodiscard]] bool is_up_to_date(std::uint32_t member) const;
  // nullopt: it has no seat yet.
  [[nodiscard]] LastSeen last_seen(std::uint32_t member) const;
  [[nodiscard]] std::int64_t position_of(const Bundle& bundle, std::size_t place) const;
  // On /sse, of a member; its bytes are valid until the next call.
  OtherPositions others_of(std::uint32_t subscriber);
  Progress advance_events(std::uint32_t audience, std::uint32_t seat);
  bool dismiss_bundle(std::uint32_t lead);
  void say_goodbye_bundle(std::uint32_t lead);
  void bundle_heartbeat(std::uint32_t lead);
  void postpone_heartbeat(std::uint32_t lead);
  void hold_live(std::uint32_t member);
  Progress advance_member_poll(std::uint32_t member);
  void answer_bundle_poll(std::uint32_t lead);
  void validate_bundles();
  [[nodiscard]] std::uint32_t lead_of(std::uint32_t subscriber) const {
    const Subscriber& record = subscribers_[subscriber];
    return record.role == Role::kMember ? record.lead : subscriber;
  }
  Bundle& bundle_of(std::uint32_t subscriber) {
    return bundles_[subscribers_[lead_of(subscriber)].bundle];
  }

  [[nodiscard]] std::optional<std::uint64_t> age_ms(const Subscriber& subscriber,
                                                    const PeerFacts& peer) const;
  std::uint32_t presence_audience(PresenceEvents events);
  void review_presence(std::uint32_t audience);
  std::uint32_t audience_of(ChannelName&& name);
  void tell_departed(std::uint32_t audience);
  void seat(std::uint32_t subscriber, std::uint64_t cursor);
  void unseat(std::uint32_t subscriber);
  // Forgets the record; the session is told by the caller, if at all.
  void remove(std::uint32_t subscriber);
  void end(std::uint32_t subscriber, Ending ending);
  // Why it is about to end: of a connection's end only the first reason counts.
  void count(std::uint32_t subscriber, CloseReason reason);
  // The connection is of no use any more, and closes.
  void drop(std::uint32_t subscriber, CloseReason reason);
  void finish(std::uint32_t subscriber, Written written);
  // To the connection of a subscriber that gets whole frames.
  Written write(std::uint32_t subscriber, std::string_view bytes);

  void append_endless_head(std::string& out, std::uint32_t subscriber);
  void refuse(std::uint32_t subscriber, Outcome outcome);
  void answer_absent(std::uint32_t observer);
  void greet(std::uint32_t subscriber, const Joined& reply);
  void greet_poll(std::uint32_t subscriber, const Joined& reply);
  static std::uint64_t replay_bytes_max(const Subscriber& subscriber);
  bool send_replay(std::uint32_t subscriber, const Replay& replay);
  void want_more(std::uint32_t subscriber);
  bool fetch_some(std::size_t budget);
  bool fall_back_to_home(std::uint32_t audience, std::uint32_t seat);
  void answer_poll(std::uint32_t subscriber, std::string_view body);
  void end_poll(std::uint32_t subscriber, std::string_view response);
  void end_with(std::uint32_t subscriber, std::string_view type, std::int64_t seq);
  void tell_closed(std::uint32_t subscriber, std::uint64_t next);
  void arm_heartbeat(std::uint32_t subscriber, std::uint64_t due_ms);
  void heartbeat(std::uint32_t subscriber);

  bool dismiss(std::uint32_t subscriber);
  void say_goodbye(std::uint32_t subscriber);
  void append_farewell(std::string& out, Framing framing);
  [[nodiscard]] std::optional<std::uint64_t> next_dismissal_us() const;
  [[nodiscard]] bool keeps_alive(const Subscriber& subscriber) const {
    return subscriber.keep_alive && !is_draining();
  }

  Progress advance(std::uint32_t audience, std::uint32_t seat, std::uint32_t frame_offset);
  template <class RunFrom>
  Progress advance_by_runs(Audience& audience, std::uint32_t seat, std::uint32_t frame_offset,
                           RunFrom&& run_from);
  Progress advance_apart(std::uint32_t audience, std::uint32_t seat);
  Progress finish_frame(Seat& seat, std::string_view rest);
  void resume(std::uint32_t subscriber);
  void block(Audience& audience, Seat& seat, std::uint32_t frame_offset);
  void unblock(Audience& audience, Seat& seat);
  Pass sweep_pass(std::uint32_t audience, std::size_t& budget);
  Pass closing_pass(std::uint32_t audience, std::size_t& budget);
  void append(std::uint32_t audience, const MessageRef& message);
  void make_room(std::uint32_t audience);
  bool catch_up(std::uint32_t audience, std::size_t& budget);
  void tell_pace(std::uint32_t audience);
  bool shrink_window(std::uint32_t audience, std::size_t& budget);
  bool release_oldest(std::uint32_t audience, std::size_t& budget);
  void take_from(std::size_t& budget, std::uint64_t bytes_before) const;
  void restart_window(Audience& audience, std::uint64_t next);
  void mark_dirty(std::uint32_t audience);
  void begin_pass(Audience& audience);
  void count_pass(Audience& audience);
  void mark_for_review(std::uint32_t audience);
  std::uint32_t emplace(ChannelName&& name);
  void forget(std::uint32_t audience);
  std::uint32_t detach_seats(std::uint32_t audience);
  [[nodiscard]] bool is_overfull(const Audience& audience, unsigned times = 1) const;
  [[nodiscard]] PollWrap wrap_of(const Subscriber& poll) const { return polls_[poll.poll].wrap(); }
  [[nodiscard]] bool nobody_listens() const {
    return listening_.total() == 0 && bundles_.size() == 0;
  }
  // Every change of a window's size goes through here.
  template <class Change>
  void change_window(Audience& audience, Change&& change) {
    window_memory_ -= audience.window.memory();
    change(audience.window);
    window_memory_ += audience.window.memory();
  }
  void trim_window(Audience& audience);
  void clear_window(Audience& audience) {
    change_window(audience, [](History& window) { window.clear(); });
  }
  [[nodiscard]] Ref audience_ref(std::uint32_t index) const {
    return {index, audiences_.generation(index)};
  }

  const HubSettings& settings_;
  Wire& wire_;
  Outbox& outbox_;
  std::uint64_t now_ms_;
  std::uint64_t now_us_;
  std::uint64_t heard_until_ms_ = 0;  // see beat()
  ResponseHeads heads_;
  reactor::Slab<Audience> audiences_;
  reactor::Slab<Subscriber> subscribers_;
  reactor::Slab<PollRequest> polls_;  // of polls of one channel
  Bundles bundles_;
  HeaderLines header_lines_;
  NameTable<Audience> names_{audiences_};
  reactor::TimerWheel<Subscriber, &Subscriber::heartbeat> heartbeats_;
  HeartbeatCache heartbeat_frames_;
  RunCache runs_;
  Run events_;  // for one subscriber of /sse with several channels
  std::string positions_before_;
  std::string positions_after_;
  PollAnswerCache poll_answers_;
  SweepQueue sweep_queue_;
  std::vector<Ref> fetches_;  // subscribers who want more of the history
  std::vector<Ref> review_;   // to be looked at when the turn ends
  PresenceWatchers watchers_;
  SubscriberCounts listening_;
  std::uint64_t lagging_ = 0;        // blocked seats of all audiences
  std::uint64_t window_memory_ = 0;  // of all windows together
  std::uint64_t name_memory_ = 0;    // of all audiences' names
  std::uint64_t poll_memory_ = 0;    // of what polls of one channel brought
  DeliveryLag lag_;
  reactor::Histogram sweep_subscribers_;
  std::uint64_t window_bytes_max_;
  std::uint64_t swept_bytes_ = 0;      // sent so far; how much of it a sweep may send is bounded
  std::uint32_t window_messages_max_;  // the largest bound there was: a window shrinks as it fills
  std::string scratch_;                // a body
  std::string response_;               // a head and a body
  DeliveryCounters counters_;
  CloseCounts closes_;
  std::optional<DrainWalk> drain_;
};

}  // namespace comet
