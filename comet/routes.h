// Every endpoint of both ports, in one table.
//
// It drives dispatch, 404 and 405, and the pages that list the endpoints.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace comet {

enum class Port : std::uint8_t { kFront, kAdmin };

enum class Endpoint : std::uint8_t {
  kPoll,
  kSub,
  kStream,
  kIframe,
  kSse,
  kWs,
  kPing,
  kSign,
  kPush,
  kPub,
  kBroadcast,
  kClose,
  kClear,
  kInfo,
  kChannels,
  kMetrics,
  kLive,
  kReady,
  kCheck,
  kPsub,
  kPresence,
  kTail,
  kConsole,  // what belongs to the page is found among the web assets
};

// What a request needs when admin.key is set: a key, or nothing. Endpoints of the front port have
// no guard.
enum class Guard : std::uint8_t { kKey, kOpen };

struct Route {
  Port port;
  std::string_view path;
  Endpoint endpoint;
  std::string_view parameters;
  std::string_view does;
  Guard guard = Guard::kKey;
};

std::span<const Route> routes();

// HOT. Null when the port has no such path.
const Route* find_route(Port port, std::string_view path);

// What Allow says: the methods of a port's endpoints (RFC 9110 10.2.1).
std::string_view allowed_methods(Port port);

// The table for README and docs, in Markdown.
std::string render_routes_table();

}  // namespace comet
