// Binds everything that front.listen and admin.listen say, for all cores.
//
// Made and owned by the Server, before any core starts: an operator's mistake is one sentence and
// leaves nothing behind. TCP addresses get a listener for each core (SO_REUSEPORT); a Unix socket
// is bound once, and each core has a descriptor of it. So it is with sockets that a service manager
// opened (socket activation): those named front or admin take the place of the configured ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "comet/config.h"
#include "comet/listener_spec.h"
#include "comet/routes.h"
#include "reactor/fd.h"
#include "reactor/inherited_sockets.h"
#include "reactor/result.h"
#include "reactor/socket.h"
#include "reactor/unix_socket.h"

namespace comet {

// What a worker must know of a listener.
struct ListenerTraits {
  Port port;
  bool local = false;  // a Unix socket: its clients have no address
  bool proxy = false;  // connections begin with a header of the PROXY protocol
};

struct Listener {
  reactor::Fd fd;
  ListenerTraits traits;
};

// One core's share.
struct CoreListeners {
  std::vector<Listener> own;
  std::vector<Listener> shared;  // the other cores have descriptors of the same sockets
};

class Listeners {
 public:
  static reactor::Result<Listeners> bind(const Config& config, std::size_t cores,
                                         std::vector<reactor::InheritedSocket> inherited = {});

  // Where it listens; a port 0 of the configuration is resolved.
  [[nodiscard]] const std::vector<ListenAddress>& front() const { return front_; }
  [[nodiscard]] const std::vector<ListenAddress>& admin() const { return admin_; }

  // Gives a core its share, once.
  CoreListeners take(std::size_t core) { return std::move(per_core_[core]); }

  // Removes the files of the Unix sockets, when nobody listens any more.
  void remove_files() { files_.clear(); }

 private:
  explicit Listeners(std::size_t cores) : per_core_(cores) {}
  void for_each(const std::function<void(const reactor::Fd&)>& act) const;
  reactor::Result<std::vector<ListenAddress>> bind_all(const std::vector<std::string>& entries,
                                                       Port port);
  // The inherited ones of that name, taken from the list.
  reactor::Result<std::vector<ListenAddress>> take_over(
      std::vector<reactor::InheritedSocket>& inherited, std::string_view name, Port port);
  reactor::Result<ListenAddress> share(const reactor::Fd& fd, ListenAddress address,
                                       ListenerTraits traits);
  reactor::Result<ListenAddress> bind_one(const ListenerSpec& spec, ListenerTraits traits);
  reactor::Result<ListenAddress> bind_tcp(const reactor::Endpoint& endpoint, ListenerTraits traits);
  reactor::Result<ListenAddress> bind_unix(const ListenerSpec& spec, ListenerTraits traits);

  std::vector<CoreListeners> per_core_;
  std::vector<ListenAddress> front_;
  std::vector<ListenAddress> admin_;
  std::vector<reactor::SocketFile> files_;
};

}  // namespace comet
