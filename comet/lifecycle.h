// The life of the process: up, signals, down.
//
// Owned by main and on its thread. It holds what must exist once beside the server (signals, log,
// pidfile), and answers SIGHUP with a reload, SIGUSR1 with a new log file, SIGTERM with the end.
#pragma once

#include <cstddef>
#include <memory>

#include "comet/config_source.h"
#include "comet/loaded_config.h"
#include "comet/log.h"
#include "comet/server.h"
#include "comet/state_use.h"
#include "reactor/pidfile.h"
#include "reactor/result.h"
#include "reactor/service_notifier.h"
#include "reactor/signals.h"

namespace comet {

class Lifecycle {
 public:
  // Starts everything, or leaves nothing running and says why.
  static reactor::Result<std::unique_ptr<Lifecycle>> start(ConfigSource source, StateUse state_use);

  // Until a signal says stop; all threads have ended then.
  void run();

  // The sentence about addresses and room that an operator sees first.
  [[nodiscard]] std::string announcement() const;

 private:
  Lifecycle(ConfigSource source, LoadedConfig config, reactor::Signals signals, Log log,
            reactor::Pidfile pidfile, reactor::ServiceNotifier notifier,
            std::unique_ptr<Server> server);

  void ping_watchdog();
  void drain();
  void reload();
  void warn() const;
  void reopen_log();
  // Waits for a signal, and tells the service manager meanwhile that every core lives.
  reactor::Signal await_signal();

  const ConfigSource source_;
  LoadedConfig config_;  // in force
  reactor::Signals signals_;
  Log log_;
  const reactor::Pidfile pidfile_;
  const reactor::ServiceNotifier notifier_;
  std::unique_ptr<Server> server_;
};

}  // namespace comet
