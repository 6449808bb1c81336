// Listening sockets that a service manager opened for us: socket activation, sd_listen_fds(3).
//
// Taken once by main, before any thread starts. Such a socket is shared by all cores, like a Unix
// socket; the manager keeps it open, so that nobody is refused while the service restarts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reactor/endpoint.h"
#include "reactor/fd.h"
#include "reactor/result.h"

namespace reactor {

struct InheritedSocket {
  std::string name;                  // FileDescriptorName= of the socket unit
  Fd fd;                             // non-blocking and close-on-exec
  std::optional<Endpoint> endpoint;  // nothing: a Unix socket
  std::string path;                  // of a Unix socket
};

// Reads LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES and takes them out of the environment. None when
// they are not there, or meant for another process.
Result<std::vector<InheritedSocket>> take_inherited_sockets();

// The same for descriptors that stand one after the other from `first` on. Owns them from then on.
Result<std::vector<InheritedSocket>> adopt_sockets(int first, int count, std::string_view names);

}  // namespace reactor
