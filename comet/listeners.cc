#include "comet/listeners.h"

#include <variant>

namespace comet {

using reactor::Error;
using reactor::Fd;
using reactor::Result;

Result<Listeners> Listeners::bind(const Config& config, std::size_t cores,
                                  std::vector<reactor::InheritedSocket> inherited) {
  Listeners listeners(cores);
  const auto listen =
      [&](std::string_view name, Port port,
          const std::vector<std::string>& entries) -> Result<std::vector<ListenAddress>> {
    auto taken = listeners.take_over(inherited, name, port);
    if (!taken || !taken->empty()) return taken;
    return listeners.bind_all(entries, port);
  };
  auto front = listen("front", Port::kFront, config.front.listen);
  if (!front) return Error{front.error()};
  auto admin = listen("admin", Port::kAdmin, config.admin.listen);
  if (!admin) return Error{admin.error()};
  if (!inherited.empty()) {
    return Error{"an inherited socket is named \"" + inherited.front().name +
                 "\"; write FileDescriptorName=front or admin into its unit"};
  }
  listeners.for_each([&](const reactor::Fd& listener) {
    reactor::set_patience(listener, {config.limits.peer_timeout_s, config.limits.keepalive_s});
    reactor::set_unsent_max(listener, config.limits.unsent_bytes);
  });
  listeners.front_ = std::move(*front);
  listeners.admin_ = std::move(*admin);
  return listeners;
}

void Listeners::for_each(const std::function<void(const reactor::Fd&)>& act) const {
  for (const CoreListeners& core : per_core_) {
    for (const Listener& listener : core.own) act(listener.fd);
    for (const Listener& listener : core.shared) act(listener.fd);
  }
}

Result<std::vector<ListenAddress>> Listeners::take_over(
    std::vector<reactor::InheritedSocket>& inherited, std::string_view name, Port port) {
  std::vector<ListenAddress> taken;
  for (reactor::InheritedSocket& socket : inherited) {
    if (socket.name != name) continue;
    const bool local = !socket.endpoint.has_value();
    ListenAddress address;
    if (local) {
      address = UnixAddress{std::move(socket.path)};
    } else {
      address = *socket.endpoint;
    }
    auto shared = share(socket.fd, std::move(address), {.port = port, .local = local});
    if (!shared) return Error{shared.error()};
    taken.push_back(std::move(*shared));
  }
  std::erase_if(inherited, [&](const auto& socket) { return socket.name == name; });
  return taken;
}

Result<ListenAddress> Listeners::share(const Fd& fd, ListenAddress address, ListenerTraits traits) {
  for (CoreListeners& core : per_core_) {
    Fd duplicate = fd.duplicate();
    if (!duplicate) return Error{"cannot listen on " + to_string(address) + ": out of descriptors"};
    core.shared.push_back({std::move(duplicate), traits});
  }
  return address;
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
  files_.push_back(std::move(listener->file));
  return share(listener->fd, spec.address, traits);
}

}  // namespace comet
