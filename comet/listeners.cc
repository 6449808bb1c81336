#include "comet/listeners.h"

#include <variant>

#include "reactor/socket.h"

namespace comet {

using reactor::Error;
using reactor::Fd;
using reactor::Result;

Result<Listeners> Listeners::bind(const Config& config, std::size_t cores) {
  Listeners listeners(cores);
  auto front = listeners.bind_all(config.front.listen, Port::kFront);
  if (!front) return Error{front.error()};
  auto admin = listeners.bind_all(config.admin.listen, Port::kAdmin);
  if (!admin) return Error{admin.error()};
  listeners.front_ = std::move(*front);
  listeners.admin_ = std::move(*admin);
  return listeners;
}

Result<std::vector<ListenAddress>> Listeners::bind_all(const std::vector<std::string>& entries,
                                                       Port port) {
  std::vector<ListenAddress> bound;
  for (const std::string& entry : entries) {
    const auto spec = ListenerSpec::parse(entry);
    if (!spec) return Error{spec.error()};
    auto address = bind_one(*spec, {.port = port, .proxy = spec->proxy});
    if (!address) return Error{address.error()};
    bound.push_back(std::move(*address));
  }
  return bound;
}

Result<ListenAddress> Listeners::bind_one(const ListenerSpec& spec, ListenerTraits traits) {
  if (const auto* endpoint = std::get_if<reactor::Endpoint>(&spec.address)) {
    return bind_tcp(*endpoint, traits);
  }
  traits.local = true;
  return bind_unix(spec, traits);
}

Result<ListenAddress> Listeners::bind_tcp(const reactor::Endpoint& endpoint,
                                          ListenerTraits traits) {
  auto fds = reactor::listen_on(endpoint, per_core_.size());
  if (!fds) return Error{fds.error()};
  const ListenAddress bound = reactor::bound_endpoint(fds->front());
  for (std::size_t core = 0; core < per_core_.size(); ++core) {
    per_core_[core].own.push_back({std::move((*fds)[core]), traits});
  }
  return bound;
}

Result<ListenAddress> Listeners::bind_unix(const ListenerSpec& spec, ListenerTraits traits) {
  const auto& address = std::get<UnixAddress>(spec.address);
  auto listener = reactor::listen_on_unix(address.path, spec.mode);
  if (!listener) return Error{listener.error()};
  for (CoreListeners& core : per_core_) {
    Fd fd = listener->fd.duplicate();
    if (!fd) return Error{"cannot listen on " + to_string(spec.address) + ": out of descriptors"};
    core.shared.push_back({std::move(fd), traits});
  }
  files_.push_back(std::move(listener->file));
  return spec.address;
}

}  // namespace comet
