#include "comet/server.h"

#include <utility>

#include "reactor/check.h"
#include "reactor/cpu.h"

namespace comet {
namespace {

using reactor::Error;
using reactor::Result;

// Adds one listener per core for each address; returns where they are bound.
Result<std::vector<reactor::Endpoint>> bind_all(const std::vector<std::string>& addresses,
                                                Port port,
                                                std::vector<std::vector<Listener>>& per_core) {
  std::vector<reactor::Endpoint> bound;
  for (const std::string& address : addresses) {
    const Result<reactor::Endpoint> endpoint = reactor::Endpoint::parse(address);
    if (!endpoint) return Error{endpoint.error()};
    Result<std::vector<reactor::Fd>> fds = reactor::listen_on(*endpoint, per_core.size());
    if (!fds) return Error{fds.error()};
    bound.push_back(reactor::bound_endpoint(fds->front()));
    for (std::size_t core = 0; core < per_core.size(); ++core) {
      per_core[core].push_back({std::move((*fds)[core]), port});
    }
  }
  return bound;
}

std::vector<std::uint16_t> ports_of(const std::vector<reactor::Endpoint>& endpoints) {
  std::vector<std::uint16_t> ports;
  for (const reactor::Endpoint& endpoint : endpoints) ports.push_back(endpoint.port);
  return ports;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(LoadedConfig wanted) {
  Result<std::unique_ptr<const Snapshot>> snapshot = Snapshot::make(std::move(wanted));
  if (!snapshot) return Error{snapshot.error()};
  const Config& config = (*snapshot)->config();
  const std::vector<int> cpus = reactor::allowed_cpus();
  const std::size_t cores = config.reactors == 0 ? cpus.size() : config.reactors;

  std::unique_ptr<Server> server(new Server());
  std::vector<std::vector<Listener>> per_core(cores);
  Result<std::vector<reactor::Endpoint>> front =
      bind_all(config.front.listen, Port::kFront, per_core);
  if (!front) return Error{front.error()};
  Result<std::vector<reactor::Endpoint>> admin =
      bind_all(config.admin.listen, Port::kAdmin, per_core);
  if (!admin) return Error{admin.error()};
  server->front_ = *front;
  server->admin_ = *admin;

  server->shared_ = std::make_unique<Shared>(std::move(*snapshot), cores);
  for (std::size_t core = 0; core < cores; ++core) {
    server->workers_.push_back(
        std::make_unique<Worker>(*server->shared_, core, std::move(per_core[core])));
  }
  const bool pin = config.pin_reactors && cores <= cpus.size();
  for (std::size_t core = 0; core < cores; ++core) {
    server->threads_.emplace_back(
        [worker = server->workers_[core].get(), pin, cpu = cpus[core % cpus.size()]] {
          if (pin) reactor::pin_this_thread(cpu);
          worker->run();
        });
  }
  return server;
}

Server::~Server() { stop(); }

std::vector<std::uint16_t> Server::front_ports() const { return ports_of(front_); }
std::vector<std::uint16_t> Server::admin_ports() const { return ports_of(admin_); }

std::optional<Error> Server::reload(LoadedConfig config) {
  CHECK(!workers_.empty());
  Result<std::unique_ptr<const Snapshot>> next = Snapshot::make(std::move(config));
  if (!next) return Error{next.error()};
  shared_->config.publish(std::move(*next));
  for (const auto& worker : workers_) worker->wake();
  shared_->config.await_adoption();
  return std::nullopt;
}

void Server::drain() {
  shared_->phase.store(ServerPhase::kDraining, std::memory_order_release);
  for (const auto& worker : workers_) worker->wake();
}

bool Server::drained() const {
  return shared_->drained.load(std::memory_order_acquire) == workers_.size();
}

void Server::stop() {
  if (shared_) shared_->phase.store(ServerPhase::kStopping, std::memory_order_release);
  for (const auto& worker : workers_) worker->stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  workers_.clear();
}

}  // namespace comet
