// What a browser gets from inside the binary: pages, their style and their program.
//
// One table says which file stands at which path of which port. Pure functions of immutable data;
// any core.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "comet/reply.h"
#include "comet/routes.h"
#include "http/request.h"

namespace comet {

enum class Showing : std::uint8_t {
  kAlways,
  kInDemo,  // only with front.demo
};

struct WebAsset {
  Port port;
  std::string_view path;
  std::string_view file;  // in comet/web
  std::string_view content_type;
  Showing showing = Showing::kAlways;
};

std::span<const WebAsset> web_assets();

// Null when nothing stands at the path. Whoever may connect may have what stands there, without a
// key: it is the same for everybody and says nothing about this server.
const WebAsset* find_web_asset(Port port, std::string_view path);

Reply web_asset_reply(const WebAsset& asset, const http::Request& request);

}  // namespace comet
