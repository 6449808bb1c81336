// What a browser gets from inside the binary: pages, their style and their program.
//
// One table says which file stands at which path of which port. Pure functions of immutable data;
// any core.
#pragma once

#include <span>
#include <string_view>

#include "comet/reply.h"
#include "comet/routes.h"
#include "http/request.h"

namespace comet {

struct WebAsset {
  Port port;
  std::string_view path;
  std::string_view file;  // in comet/web
  std::string_view content_type;
};

std::span<const WebAsset> web_assets();

// The answer to any request for the path of an Endpoint::kAsset. Needs no key: what it serves is
// the same for everybody and says nothing about this server.
Reply web_asset_reply(Port port, const http::Request& request);

}  // namespace comet
