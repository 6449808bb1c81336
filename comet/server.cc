#include "comet/server.h"

#include <utility>
#include <variant>

#include "reactor/check.h"
#include "reactor/cpu.h"
#include "reactor/descriptor_limit.h"
#include "reactor/endpoint.h"

namespace comet {
namespace {

using reactor::Error;
using reactor::Result;

std::vector<std::uint16_t> ports_of(const std::vector<ListenAddress>& addresses) {
  std::vector<std::uint16_t> ports;
  for (const ListenAddress& address : addresses) {
    if (const auto* endpoint = std::get_if<reactor::Endpoint>(&address)) {
      ports.push_back(endpoint->port);
    }
  }
  return ports;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(LoadedConfig wanted,
                                              std::vector<reactor::InheritedSocket> inherited,
                                              StateUse state_use) {
  Result<std::unique_ptr<const Snapshot>> snapshot = Snapshot::make(std::move(wanted));
  if (!snapshot) return Error{snapshot.error()};
  const Config& config = (*snapshot)->config();
  const std::vector<int> cpus = reactor::allowed_cpus();
  const std::size_t cores = config.reactors == 0 ? cpus.size() : config.reactors;

  Result<Listeners> listeners = Listeners::bind(config, cores, std::move(inherited));
  if (!listeners) return Error{listeners.error()};
  const std::size_t listeners_per_core = listeners->front().size() + listeners->admin().size();
  const Result<DescriptorBudget> budget =
      DescriptorBudget::make(reactor::descriptor_limit(), config, cores, listeners_per_core);
  if (!budget) return Error{budget.error()};
  std::unique_ptr<Server> server(new Server(std::move(*listeners)));

  server->shared_ = std::make_unique<Shared>(std::move(*snapshot), *budget, cores);
  if (!config.state_file.empty()) {
    Result<std::unique_ptr<StateKeeper>> state = StateKeeper::open(config, cores);
    if (!state) return Error{state.error()};
    server->state_ = std::move(*state);
    server->shared_->state = &server->state_->exchange();
    server->shared_->state_status = &server->state_->status();
  }
  for (std::size_t core = 0; core < cores; ++core) {
    server->workers_.push_back(
        std::make_unique<Worker>(*server->shared_, core, server->listeners_.take(core)));
  }
  if (server->state_) {
    const auto error =
        server->state_->restore(state_use, server->homes(), server->shared_->name_hash,
                                server->shared_->broadcast_memory, reactor::Now::read());
    if (error) return *error;
    server->state_->start(server->shared_->wakers);
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

std::vector<std::uint16_t> Server::front_ports() const { return ports_of(front()); }
std::vector<std::uint16_t> Server::admin_ports() const { return ports_of(admin()); }

bool Server::every_core_turned() {
  bool all = true;
  for (const auto& worker : workers_) all = worker->turned_since_asked() && all;
  return all;
}

std::optional<Error> Server::reload(LoadedConfig config) {
  CHECK(!workers_.empty());
  Result<std::unique_ptr<const Snapshot>> next = Snapshot::make(std::move(config));
  if (!next) return Error{next.error()};
  shared_->config.publish(std::move(*next));
  for (const auto& worker : workers_) worker->wake();
  shared_->config.await_adoption();
  return std::nullopt;
}

std::uint64_t Server::front_connections_max() const {
  return shared_->front_connections_max(shared_->config.newest().config());
}

void Server::drain() {
  shared_->phase.store(ServerPhase::kDraining, std::memory_order_release);
  for (const auto& worker : workers_) worker->wake();
}

bool Server::drained() const {
  return shared_->drained.load(std::memory_order_acquire) == workers_.size();
}

std::vector<Home*> Server::homes() const {
  std::vector<Home*> homes;
  for (const auto& worker : workers_) homes.push_back(&worker->home());
  return homes;
}

void Server::stop() {
  if (shared_) shared_->phase.store(ServerPhase::kStopping, std::memory_order_release);
  for (const auto& worker : workers_) worker->stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  if (state_) state_->save(homes());
  workers_.clear();
  listeners_.remove_files();
}

}  // namespace comet
