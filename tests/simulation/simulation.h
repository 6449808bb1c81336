// A server in one thread, from a script, through one life or several: hubs, their clients, and a
// model that says what every one of them must see.
//
// Owned by whoever runs it; a run depends on its plan alone. After every action the bytes that
// arrived are read and compared, and the hub that acted validates itself. What is wrong leaves as a
// Violation; a hub whose CHECK fails ends the process, so a Runner keeps it in one of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "comet/memory_gate.h"
#include "tests/simulation/batch.h"
#include "tests/simulation/bundle_follower.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/home_view.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/model.h"
#include "tests/simulation/peer.h"
#include "tests/simulation/planted_fault.h"
#include "tests/simulation/script.h"
#include "tests/simulation/state_keeping.h"
#include "tests/simulation/subscription.h"
#include "tests/simulation/watcher.h"
#include "tests/support/hub_world.h"

namespace simulation {

class Simulation {
 public:
  Simulation(const Plan& plan, Fault fault, std::uint64_t luck, Journal journal);

  // Throws a Violation.
  void run();

 private:
  struct Question {
    comet::Command::Verb verb;
    std::size_t core;  // that was asked
    std::string name;
    std::string content;
    std::uint32_t expires_s = 0;
    std::optional<comet::Answer> given{};  // by the home
    bool arrived = false;                  // or the server has ended
  };
  struct Place {
    std::size_t core;
    std::uint32_t session;
    friend bool operator==(const Place&, const Place&) = default;
  };
  // Who uses a session now.
  struct Client {
    Subscription* subscription = nullptr;
    Watcher* watcher = nullptr;
    BundleFollower* bundle = nullptr;
  };
  enum class Stop : std::uint8_t { kGraceful, kCrash };

  // --- Actions (simulation.cc)
  void connect();
  void act(const Action& action, Dice& dice);
  void publish_everywhere(Dice& dice);
  void everybody_leaves(Dice& dice);

  // --- The scheduler (simulation_scheduler.cc)
  void deliver(Dice& dice);
  void end_turn(std::size_t core);
  bool end_due_turns();
  [[nodiscard]] bool is_due(std::size_t core);
  void jam(Dice& dice);
  void drain(std::size_t core, Dice& dice);
  void reload(Dice& dice);
  void note_settings();
  [[nodiscard]] bool has_full_mailbox(std::size_t from) const;
  void settle(Dice& dice);
  bool settle_now(Dice& dice);

  // --- Clients (simulation_clients.cc, simulation_bundles.cc)
  comet::SubscribeRequest request(const std::string& name, Dice& dice);
  void subscribe(std::size_t core, const std::string& name, Dice& dice);
  void come(std::size_t core, const std::string& name, comet::SubscribeRequest&& request,
            Dice& dice);
  void crowd(std::size_t core, Dice& dice);
  void come_back(std::size_t core, Dice& dice);
  void bundle(std::size_t core, Dice& dice);
  BundleFollower& announce_bundle(std::size_t core, const comet::SubscribeRequest& request,
                                  const std::vector<std::string>& names);
  void add_channel(Dice& dice);
  void drop_channel(Dice& dice);
  std::optional<Place> some_websocket(Dice& dice);
  std::vector<std::string> some_names(std::size_t least, Dice& dice);
  void poll_again(Dice& dice);
  void poll_bundle_again(Place place, const BundleFollower& before, Dice& dice);
  Subscription& announce(Peer&& peer);
  void settle_in(Place place, Client client);
  void watch(std::size_t core, Dice& dice);
  void on_some_session(Verb verb, Dice& dice);
  void leave(Place place, Verb verb);
  const std::string& some_name(Dice& dice);
  [[nodiscard]] std::string description_of(Place place);

  // --- Publishers and administrators (simulation_publishers.cc)
  void command(comet::Command::Verb verb, const std::string& name, std::size_t core, Dice& dice);
  void broadcast(std::size_t core, Dice& dice);
  void batch(std::size_t core, Dice& dice);
  std::string new_content(Dice& dice);
  comet::Answer inspect(const std::string& name, std::size_t home);

  // --- Restarts (simulation_restarts.cc)
  void start();
  void restart(Stop stop, Dice& dice);
  void everybody_is_cut_off();
  void disk_fails(Dice& dice);
  std::vector<SavedChannel> channels_of(std::size_t core);
  void begin_turn_of_state(std::size_t core);
  void write();
  void restore_model(bool complete);

  // --- Memory (simulation_memory.cc)
  void limit_memory(Dice& dice);
  void look_at_memory(std::size_t core);
  void check_memory(std::size_t core);
  [[nodiscard]] bool is_short_of_memory(std::size_t core) {
    return world_.hub(core).memory_gate().is_shut();
  }
  [[nodiscard]] std::uint64_t memory_of(std::size_t core);

  // --- The model follows what each home does (simulation_homes.cc)
  void before_receive(std::size_t from, std::size_t to,
                      const support::HubWorld::Envelope& envelope);
  Peer& peer_of(const support::HubWorld::Envelope& join);
  void join(Peer& peer, std::size_t home);
  Admission admission_of(const Peer& peer, const ModelChannel* channel, std::size_t home);
  void note_beginning(Peer& peer);
  void note_who_is_ahead(Peer& peer) const;
  [[nodiscard]] bool must_have_room(const Peer& peer, const ModelChannel& channel) const;
  void learn(std::size_t home);
  void learn_all();
  void note_broadcasts(std::size_t home);
  void spread(const HomeView& view, std::uint32_t end);
  void note_expired(std::size_t home);
  void notice_expired(std::size_t core);
  void expire(const std::string& name);
  void limit_life(ModelChannel& channel) const;
  void shorten_channels(std::size_t home);
  void look_at_table(std::size_t home);

  // --- And what it answers (simulation_answers.cc)
  void given(const comet::Answer& answer);
  bool may_be_refused(const comet::Answer& answer, const Question& question);
  void arrived(const comet::Answer& answer);
  void note_pushes(std::size_t home);
  void pushes_given(std::size_t home, const comet::PushReport& report);
  void push_given(std::size_t home, Batch::Entry& entry, const comet::PushResult& result);
  void pushed(std::size_t core, std::size_t home, const comet::PushReport& report);
  void publish(std::size_t home, const std::string& name, comet::Message::Type type,
               const std::string& content);

  // --- What must be true (simulation_reading.cc, simulation_checks.cc)
  void read_what_arrived();
  void read(Place place);
  void read(Place place, BundleFollower& bundle);
  void check_everything();
  void check_client(Place place);
  void check_closes();
  void check_pace();
  void check_counts();
  [[nodiscard]] bool is_still_in(Place place, const Peer& peer);
  void check_heartbeat(const Peer& peer);
  void check_heartbeat(Place place, const BundleFollower& bundle);
  // The channels, there or about to be let in, of who uses it.
  [[nodiscard]] std::vector<const Peer*> peers_at(Place place);

  support::MemorySession& session(Place place) { return world_.session(place.session, place.core); }
  Client& client(Place place) { return clients_[place.core][place.session]; }
  [[nodiscard]] std::size_t home_of(const std::string& name) const;
  [[nodiscard]] const comet::HubSettings& settings() const { return world_.settings(); }

  const Plan& plan_;
  Journal journal_;
  support::HubWorld world_;
  Saboteur saboteur_;
  StateKeeping state_;
  Model model_;
  std::size_t acting_core_ = 0;

  // --- Of the present life
  std::vector<bool> draining_;                // by core
  std::vector<bool> jammed_;                  // by lane: from * cores + to
  std::vector<bool> awake_;                   // by core: something came, or there is more to do
  std::vector<std::vector<Client>> clients_;  // by core and session
  std::vector<Place> open_;               // those that listened at the last settling, or came since
  std::vector<Place> touched_;            // those that got something, or ended
  std::vector<Place> answered_;           // connections that are free for another request
  std::vector<HomeView> homes_;           // by core
  std::uint64_t broken_ = 0;              // connections, though nobody left or died
  std::uint64_t watchers_broken_ = 0;     // all watchers that were, since a mailbox was full
  bool was_jammed_ = false;               // a mailbox was full
  std::size_t broadcasts_ = 0;            // that were asked for and are not answered
  std::vector<std::uint64_t> ceilings_;   // of numbers, by home
  std::vector<std::uint64_t> snapshots_;  // the latest that each core has a part in
  std::map<std::size_t, std::vector<SavedChannel>> snapshot_;  // the one under way, by core
  std::uint64_t snapshots_taken_ = 0;
  std::unique_ptr<comet::MemoryBoard> memory_board_;
  bool disk_failed_ = false;            // since everything arrived last
  std::uint64_t memory_budget_ = 0;     // 0: none
  std::vector<std::uint64_t> budgets_;  // by core, at its last look
  std::vector<bool> short_;             // by core: what it must have found then

  // --- Of all lives
  std::deque<Subscription> subscriptions_;
  std::deque<Watcher> watchers_;
  std::deque<BundleFollower> bundles_;
  std::deque<Question> questions_;
  std::deque<Batch> batches_;
  std::vector<const Subscription*> cut_off_;  // by an end of the server; they will be back
  std::vector<SavedChannel> saved_;           // in the last snapshot on the disk
  comet::Answer inspected_;
  bool refused_ = false;     // the latest broadcast
  bool shut_ = false;        // had the home of the latest command no memory left?
  Gaps gaps_ = Gaps::kNone;  // until those who are too slow may skip for the first time
  std::uint64_t longest_silence_ms_ = 0;  // between heartbeats, as some may have been told
  bool has_room_ = true;                  // nobody could ever be too slow
  std::uint64_t contents_ = 0;
  std::size_t new_channels_ = 0;  // that the request which is about to be made will create here
};

}  // namespace simulation
