// One entry of front.listen or admin.listen: where to listen, and what is peculiar about it.
//
//     ADDRESS:PORT   [IPv6 ADDRESS]:PORT   unix:/path/to.sock      then, after spaces: proxy
//     mode=0660
//
// Values. Main parses them for errors before anything is bound; Listeners binds them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "reactor/endpoint.h"
#include "reactor/result.h"

namespace comet {

// The path of a Unix socket. Who may open the file may connect, and counts as local.
struct UnixAddress {
  std::string path;
  friend bool operator==(const UnixAddress&, const UnixAddress&) = default;
};

using ListenAddress = std::variant<reactor::Endpoint, UnixAddress>;

std::string to_string(const ListenAddress& address);

struct ListenerSpec {
  // Its owner and his group.
  static constexpr std::uint32_t kDefaultMode = 0660;

  static reactor::Result<ListenerSpec> parse(std::string_view text);

  // Whether two entries cannot both be bound. Port 0 is another port each time.
  [[nodiscard]] bool collides_with(const ListenerSpec& other) const;

  ListenAddress address;
  bool proxy = false;                 // connections begin with a header of the PROXY protocol
  std::uint32_t mode = kDefaultMode;  // of a Unix socket's file
};

}  // namespace comet
