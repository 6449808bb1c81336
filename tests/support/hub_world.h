// Several hubs in one thread: the server without sockets, threads and clocks.
//
// Owned by a test. A lane holds what one hub posted to another until the test lets it arrive, so
// the test decides every interleaving that mailboxes allow (each lane is first in, first out, and
// lanes are not ordered among each other). Time stands still unless the test moves it. The names'
// hash has a fixed key: a run depends on nothing but the test's own choices.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "comet/hub.h"
#include "comet/hub_settings.h"
#include "comet/name.h"
#include "tests/support/memory_wire.h"

namespace support {

// The defaults of the configuration, small numbers where a test wants to reach them.
comet::HubSettings hub_settings();

class HubWorld {
 public:
  // What a hub posted, and the tag that was current then.
  struct Envelope {
    comet::HubMessage message;
    std::uint64_t tag;
  };

  explicit HubWorld(comet::HubSettings settings, std::size_t cores = 1);

  [[nodiscard]] std::size_t cores() const { return cores_.size(); }
  [[nodiscard]] const comet::HubSettings& settings() const { return settings_; }
  // Ready for an input: its turn has begun at the present time.
  comet::Hub& hub(std::size_t core = 0);
  // For a look at it, which begins nothing.
  comet::Hub& hub_as_it_is(std::size_t core) { return *cores_[core]->hub; }
  MemoryWire& wire(std::size_t core = 0) { return cores_[core]->wire; }
  MemorySession& session(std::uint32_t session, std::size_t core = 0) {
    return cores_[core]->wire[session];
  }
  // Another life: all hubs, their wires and what is under way are gone, and as many cores as asked
  // for begin with nothing. Hooks of wires are gone with them.
  void restart(comet::HubSettings settings, std::size_t cores);
  // Of all hubs, at the beginning of a turn of each.
  void reconfigure(const comet::HubSettings& settings);
  [[nodiscard]] std::uint32_t channel_count() const { return channel_count_.load(); }

  [[nodiscard]] const reactor::Now& now() const { return now_; }
  [[nodiscard]] std::uint64_t now_ms() const { return now_.monotonic_ms(); }
  void advance_ms(std::uint64_t ms) { advance_us(ms * 1000); }
  void advance_us(std::uint64_t us);

  [[nodiscard]] const comet::NameHash& hash() const { return hash_; }
  [[nodiscard]] comet::ChannelName named(std::string_view name) const { return hash_.named(name); }
  [[nodiscard]] std::size_t home_of(std::string_view name) const {
    return comet::home_core(hash_(name), cores());
  }
  // A name that lives on that core.
  [[nodiscard]] std::string name_at_home(std::size_t core) const;

  // Of what a state restored. Messages must not outlive it.
  comet::BroadcastMemory broadcast_memory{0};

  // --- Requests. A subscription is known by its session.
  comet::SubscribeRequest request(std::string_view name, comet::Transport transport,
                                  std::int64_t wanted = 0) const;
  struct Wanted {
    std::string_view name;
    std::int64_t seq = 0;
  };
  // Several channels on one connection, or on a WebSocket perhaps none.
  comet::SubscribeRequest request(std::initializer_list<Wanted> channels,
                                  comet::Transport transport) const;
  std::uint32_t subscribe(comet::SubscribeRequest request, std::size_t core = 0,
                          std::size_t room = kEverything);
  std::uint32_t subscribe(std::string_view name,
                          comet::Transport transport = comet::Transport::kStream,
                          std::int64_t wanted = 0, std::size_t core = 0,
                          std::size_t room = kEverything);
  // The next request on the connection of a poll that was answered.
  void subscribe_again(std::uint32_t session, comet::SubscribeRequest request,
                       std::size_t core = 0);
  std::uint32_t watch_presence(std::size_t core = 0, std::size_t room = kEverything,
                               comet::PresenceEvents events = comet::PresenceEvents::kChannels);
  // What a WebSocket's client asks for.
  void add_channel(std::uint32_t session, comet::Subscription channel, std::size_t core = 0);
  void drop_channel(std::uint32_t session, std::string_view name, std::size_t core = 0);
  void leave(std::uint32_t session, std::size_t core = 0);
  void half_close(std::uint32_t session, std::size_t core = 0);
  // The peer reads that many bytes more. True if its hub heard of it, as it waited for that.
  bool grant(std::uint32_t session, std::size_t bytes, std::size_t core = 0);
  // Its answer will name the session {id, 0}.
  void command(comet::Command::Verb verb, std::string_view name, std::string_view content = {},
               std::size_t core = 0, std::uint32_t expires_s = 0, std::uint32_t id = 0);
  void publish(std::string_view name, std::string_view content, std::size_t core = 0) {
    command(comet::Command::Verb::kPublish, name, content, core);
  }
  void broadcast(std::string_view content, std::size_t core = 0, std::uint32_t id = 0);
  // A batch: by core, what each is to publish.
  void push(std::vector<comet::PushOrder>&& orders, std::size_t core = 0, std::uint32_t id = 0);
  // What all cores say of themselves, or of a channel.
  std::vector<comet::CoreReport> ask_cores(std::size_t core = 0);
  // The last answers to such a question, taken; none when they have not come.
  std::vector<comet::CoreReport> core_reports(std::size_t core = 0);
  std::vector<comet::ChannelReport> ask_about(std::string_view name, std::size_t core = 0);
  // One command, with everything that it takes to be answered.
  comet::Answer ask(comet::Command::Verb verb, std::string_view name, std::string_view content = {},
                    std::size_t core = 0, std::uint32_t expires_s = 0);

  // Everything that was published here: who asks can tell whether somebody holds it still.
  [[nodiscard]] const std::vector<comet::MessageRef>& published() const { return published_; }
  void forget_published() { published_.clear(); }

  // --- Post. `tag` goes onto everything that is posted until it is changed.
  std::uint64_t tag = 0;
  std::function<void(std::size_t from, std::size_t to, const Envelope&)> before_receive;
  std::function<void(std::size_t from, std::size_t to)> after_receive;
  // Faults for a test to plant: what was posted last may be changed; a poller forgets to say that
  // there is room.
  std::function<void(std::size_t from, std::size_t to)> after_post;
  std::function<bool()> lose_writable;
  // Is called with every answer, at the home that gave it: before it travels. And with what a home
  // says to another core's batch.
  std::function<void(const comet::Answer&)> on_answer_given;
  std::function<void(std::size_t home, const comet::PushReport&)> on_pushes_given;
  // What else a core does when its turn begins, and when it ends.
  std::function<void(std::size_t core)> on_turn_begun;
  std::function<void(std::size_t core)> on_turn_ended;
  std::deque<Envelope>& lane(std::size_t from, std::size_t to) {
    return lanes_[to * cores() + from];
  }
  [[nodiscard]] std::size_t mail() const;
  // Lets the oldest message of a lane arrive, if there is one.
  void deliver(std::size_t from, std::size_t to);
  // Of the pairs with mail, the n-th.
  void deliver_nth(std::size_t n);
  [[nodiscard]] std::size_t lanes_with_mail() const;

  // A turn takes no time.
  bool end_turn(std::size_t core = 0) {
    comet::Hub& ending = hub(core);
    const bool more = ending.end_turn(now_.monotonic_us);
    if (on_turn_ended) on_turn_ended(core);
    ending.turn_ended(now_.monotonic_us);
    cores_[core]->begun = false;
    return more;
  }
  // Everything that happens while time stands still.
  void settle();
  void validate();

 private:
  struct Core {
    MemoryWire wire;
    std::unique_ptr<comet::Hub> hub;
    bool begun = false;  // its turn, at that time
    std::uint64_t begun_us = 0;
  };

  void make_cores(std::size_t cores);
  void begin(std::uint32_t session, std::uint32_t subscriber, std::size_t core);

  comet::HubSettings settings_;
  comet::NameHash hash_{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  comet::ChannelCount channel_count_{0};
  reactor::Now now_{1'000'000'000, 784'111'777};
  std::vector<std::deque<Envelope>> lanes_;
  std::vector<comet::MessageRef> published_;
  std::vector<std::unique_ptr<Core>> cores_;
};

}  // namespace support
