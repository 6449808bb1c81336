// The whole server: listeners, workers and their threads.
//
// Owned by main or a test. start() binds everything before it starts any thread, so that an
// operator's mistake is one sentence and leaves nothing running.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "comet/listeners.h"
#include "comet/loaded_config.h"
#include "comet/state_keeper.h"
#include "comet/worker.h"
#include "reactor/inherited_sockets.h"
#include "reactor/result.h"

namespace comet {

class Server {
 public:
  // `inherited` sockets named front or admin take the place of the configured addresses.
  static reactor::Result<std::unique_ptr<Server>> start(
      LoadedConfig config, std::vector<reactor::InheritedSocket> inherited = {},
      StateUse state_use = StateUse::kRestore);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Where it listens; a port 0 of the configuration is resolved.
  [[nodiscard]] const std::vector<ListenAddress>& front() const { return listeners_.front(); }
  [[nodiscard]] const std::vector<ListenAddress>& admin() const { return listeners_.admin(); }
  // Those of the TCP addresses.
  [[nodiscard]] std::vector<std::uint16_t> front_ports() const;
  [[nodiscard]] std::vector<std::uint16_t> admin_ports() const;
  // How many connections the front port may have, by the descriptor limit and
  // front.max_connections.
  [[nodiscard]] std::uint64_t front_connections_max() const;
  [[nodiscard]] std::size_t reactors() const { return workers_.size(); }

  // Whether every core has had a turn since the last call: one that is stuck has not. For a
  // watchdog, on the owner's thread.
  bool every_core_turned();

  // Puts another configuration into force on all cores and returns when it is; no connection is
  // touched. Where it listens and on how many cores stays as it was at the start. Not after stop().
  std::optional<reactor::Error> reload(LoadedConfig config);

  // Sends the clients of the front port away and takes no new ones; see comet/worker_drain.cc. The
  // admin port goes on. Returns at once; drained() says when there is nothing left but to stop().
  void drain();
  [[nodiscard]] bool drained() const;

  // Ends all threads and closes all connections. Endless responses end without their final chunk,
  // so that no client takes it for an end that was meant. Then saves the state, if it is kept.
  void stop();

 private:
  explicit Server(Listeners listeners) : listeners_(std::move(listeners)) {}

  [[nodiscard]] std::vector<Home*> homes() const;

  Listeners listeners_;
  std::unique_ptr<Shared> shared_;      // outlives all messages, as broadcasts count there
  std::unique_ptr<StateKeeper> state_;  // none: nothing is saved
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
};

}  // namespace comet
