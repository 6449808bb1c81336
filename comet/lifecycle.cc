#include "comet/lifecycle.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "comet/config_changes.h"
#include "comet/version.h"
#include "http/request_parser.h"
#include "reactor/descriptor_limit.h"
#include "reactor/inherited_sockets.h"

namespace comet {
namespace {

using reactor::Error;
using reactor::Result;
using Clock = std::chrono::steady_clock;

// How often a drain is asked whether it is over.
constexpr std::chrono::milliseconds kDrainLook{2};

std::string render_addresses(const std::vector<ListenAddress>& addresses) {
  std::string out;
  for (const ListenAddress& address : addresses) {
    if (!out.empty()) out += ", ";
    out += to_string(address);
  }
  return out;
}

}  // namespace

Lifecycle::Lifecycle(ConfigSource source, LoadedConfig config, reactor::Signals signals, Log log,
                     reactor::Pidfile pidfile, reactor::ServiceNotifier notifier,
                     std::unique_ptr<Server> server)
    : source_(std::move(source)),
      config_(std::move(config)),
      signals_(signals),
      log_(std::move(log)),
      pidfile_(std::move(pidfile)),
      notifier_(std::move(notifier)),
      server_(std::move(server)) {
  warn();
}

Result<std::unique_ptr<Lifecycle>> Lifecycle::start(ConfigSource source, StateUse state_use) {
  if (!http::RequestParser::runs_on_this_cpu()) {
    return Error{"this build needs a CPU with SSE4.2; configure it with -DCOMET_SSE42=OFF"};
  }
  const reactor::Signals signals;
  // Both take what is theirs out of the environment, which no thread reads yet.
  reactor::ServiceNotifier notifier = reactor::ServiceNotifier::from_environment();
  Result<std::vector<reactor::InheritedSocket>> inherited = reactor::take_inherited_sockets();
  if (!inherited) return Error{inherited.error()};
  Result<LoadedConfig> loaded = source.read();
  if (!loaded) return Error{loaded.error()};
  const Config& config = loaded->config;
  const Result<std::size_t> descriptors = reactor::raise_descriptor_limit();
  if (!descriptors) return Error{descriptors.error()};
  Result<Log> log = Log::open(config.logger);
  if (!log) return Error{log.error()};
  Result<reactor::Pidfile> pidfile = reactor::Pidfile::create(config.pidfile);
  if (!pidfile) return Error{pidfile.error()};
  Result<std::unique_ptr<Server>> server = Server::start(*loaded, std::move(*inherited), state_use);
  if (!server) return Error{server.error()};
  return std::unique_ptr<Lifecycle>(new Lifecycle(std::move(source), std::move(*loaded), signals,
                                                  std::move(*log), std::move(*pidfile),
                                                  std::move(notifier), std::move(*server)));
}

reactor::Signal Lifecycle::await_signal() {
  const auto interval = notifier_.watchdog_interval();
  if (!interval) return signals_.wait();
  for (;;) {
    ping_watchdog();
    if (const auto signal = signals_.wait_for(*interval)) return *signal;
  }
}

// A core that is stuck must stop the pings, so that the manager ends the process.
void Lifecycle::ping_watchdog() {
  if (server_->every_core_turned()) notifier_.alive();
}

void Lifecycle::run() {
  notifier_.ready(announcement());
  // For whoever reads only the log; a terminal has the announcement.
  spdlog::info("serving, version {}", kVersion);
  for (;;) {
    switch (await_signal()) {
      case reactor::Signal::kStop:
        notifier_.stopping("draining");
        drain();
        spdlog::info("stopping");
        server_->stop();
        return;
      case reactor::Signal::kReload:
        notifier_.reloading();
        reload();
        notifier_.ready(announcement());
        break;
      case reactor::Signal::kReopen:
        reopen_log();
        break;
    }
  }
}

// Until everybody was sent away, or somebody is in a hurry.
void Lifecycle::drain() {
  spdlog::info("draining");
  server_->drain();
  const auto interval = notifier_.watchdog_interval();
  for (auto next_ping = Clock::now(); !server_->drained();) {
    if (interval && Clock::now() >= next_ping) {
      ping_watchdog();
      next_ping = Clock::now() + *interval;
    }
    switch (signals_.wait_for(kDrainLook).value_or(reactor::Signal::kReload)) {
      case reactor::Signal::kStop:
        return;
      case reactor::Signal::kReopen:
        reopen_log();
        break;
      case reactor::Signal::kReload:  // too late for that, or no signal came
        break;
    }
  }
}

// All of it or nothing: what can fail comes before what is seen by anybody.
void Lifecycle::reload() {
  const auto keep = [](std::string_view reason) {
    spdlog::error("reload: the former configuration stays in force: {}", reason);
  };
  Result<LoadedConfig> wanted = source_.read();
  if (!wanted) return keep(wanted.error());
  LoadedConfig next = keep_until_restart(config_, *wanted);
  if (const auto error = log_.reconfigure(next.config.logger)) return keep(error->message);
  if (const auto error = server_->reload(next)) {
    log_.reconfigure(config_.config.logger);
    return keep(error->message);
  }
  const std::vector<ConfigChange> changes = config_changes(config_.config, wanted->config);
  config_ = std::move(next);
  warn();
  if (changes.empty()) spdlog::info("reload: nothing changed");
  for (const ConfigChange& change : changes) {
    const bool waits = change.setting->effect == Effect::kOnRestart;
    spdlog::log(waits ? spdlog::level::warn : spdlog::level::info, "reload: {}", describe(change));
  }
}

void Lifecycle::warn() const {
  for (const std::string& warning : config_.warnings) spdlog::warn("{}", warning);
  if (const auto warning = open_door_warning(config_.config)) spdlog::warn("{}", *warning);
}

void Lifecycle::reopen_log() {
  if (const auto error = log_.reopen()) {
    spdlog::error("the former log file goes on: {}", error->message);
  }
}

std::string Lifecycle::announcement() const {
  const std::size_t reactors = server_->reactors();
  return fmt::format(
      "comet-server {}: subscribers on {}, admin on {}, {} reactor{}, up to {} connections",
      kVersion, render_addresses(server_->front()), render_addresses(server_->admin()), reactors,
      reactors == 1 ? "" : "s", server_->front_connections_max());
}

}  // namespace comet
