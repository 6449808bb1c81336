// One life of a server in one thread, from a script: several hubs, their clients, and a model that
// says what every one of them must see.
//
// Owned by whoever runs it; a run depends on its plan alone. After every action the bytes that
// arrived are read and compared, and the hub that acted validates itself. What is wrong leaves as a
// Violation; a hub whose CHECK fails ends the process, so a Runner keeps it in one of its own.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/bundle_follower.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/model.h"
#include "tests/simulation/peer.h"
#include "tests/simulation/planted_fault.h"
#include "tests/simulation/script.h"
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
    std::string name;
    std::string content;
    std::uint32_t expires_s = 0;
    std::optional<comet::Answer> given;  // by the home
    bool arrived = false;
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

  // --- Actions
  void act(const Action& action, Dice& dice);
  void deliver(Dice& dice);
  void end_turn(std::size_t core);
  void jam(Dice& dice);
  void drain(std::size_t core, Dice& dice);
  void reload(Dice& dice);
  void note_settings();
  void settle(Dice& dice);
  bool settle_now(Dice& dice);
  void everybody_leaves(Dice& dice);

  comet::SubscribeRequest request(const std::string& name, Dice& dice);
  void subscribe(std::size_t core, const std::string& name, Dice& dice);
  void crowd(std::size_t core, Dice& dice);
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
  void command(comet::Command::Verb verb, std::size_t core, Dice& dice);
  void broadcast(std::size_t core, Dice& dice);
  std::string new_content(Dice& dice);
  const std::string& some_name(Dice& dice);

  // --- The model follows what reaches each home
  void before_receive(std::size_t from, std::size_t to,
                      const support::HubWorld::Envelope& envelope);
  Peer& peer_of(const support::HubWorld::Envelope& join);
  void join(Peer& peer, std::size_t home);
  void note_who_is_ahead(Peer& peer) const;
  [[nodiscard]] bool must_have_room(const Peer& peer, const ModelChannel& channel) const;
  void broadcast_reached(std::size_t home, const std::string& content);
  void note_broadcasts();
  void given(const comet::Answer& answer);
  void arrived(const comet::Answer& answer);
  void notice_expired(std::size_t core);
  comet::Answer inspect(const std::string& name, std::size_t home);

  // --- What must be true
  void read_what_arrived();
  void read(Place place);
  void check_everything();
  void check_counts();
  [[nodiscard]] bool is_still_in(Place place, const Peer& peer);
  void check_heartbeat(const Peer& peer);
  void check_heartbeat(Place place, const BundleFollower& bundle);
  void read(Place place, BundleFollower& bundle);
  // The channels, there or about to be let in, of who uses it.
  [[nodiscard]] std::vector<const Peer*> peers_at(Place place);

  support::MemorySession& session(Place place) { return world_.session(place.session, place.core); }
  Client& client(Place place) { return clients_[place.core][place.session]; }
  [[nodiscard]] std::string description_of(Place place);
  [[nodiscard]] std::size_t home_of(const std::string& name) const;
  [[nodiscard]] const comet::HubSettings& settings() const { return world_.settings(); }

  const Plan& plan_;
  Journal journal_;
  support::HubWorld world_;
  Saboteur saboteur_;
  Model model_;
  std::size_t acting_core_ = 0;
  std::vector<bool> draining_;  // by core
  std::vector<bool> jammed_;    // by lane: from * cores + to
  std::deque<Subscription> subscriptions_;
  std::deque<Watcher> watchers_;
  std::deque<BundleFollower> bundles_;
  std::vector<std::vector<Client>> clients_;  // by core and session
  std::vector<Place> open_;      // those that listened at the last settling, or came since
  std::vector<Place> touched_;   // those that got something, or ended
  std::vector<Place> answered_;  // connections that are free for another request
  std::deque<Question> questions_;
  comet::Answer inspected_;
  Gaps gaps_ = Gaps::kNone;    // until those who are too slow may skip for the first time
  bool has_room_ = true;       // nobody could ever be too slow
  std::uint64_t broken_ = 0;   // connections, though nobody left or died
  std::uint64_t cut_off_ = 0;  // watchers that were broken off, since a jam
  bool was_jammed_ = false;
  std::size_t broadcasts_ = 0;                      // that were asked for and are not answered
  bool refused_ = false;                            // the latest of them, for too much is under way
  std::vector<std::deque<std::string>> spreading_;  // broadcasts, by home, that have not come yet
  std::uint64_t contents_ = 0;
  std::size_t new_channels_ = 0;  // that the request which is about to be made will create here
};

}  // namespace simulation
