// The answer of a poll of several channels, as it grows: what homes say and what comes meanwhile.
//
// Owned by Audiences, one for each such poll until it is answered. Plain data; the rules are in
// audiences_bundles_polls.cc.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "comet/subscribe_request.h"

namespace comet {

struct HeldAnswer {
  explicit HeldAnswer(PollRequest its_request) : request(std::move(its_request)) {}

  [[nodiscard]] std::size_t bytes() const {
    std::size_t bytes = 0;
    for (const std::string& held : by_place) bytes += held.size();
    return bytes;
  }

  PollRequest request;
  std::vector<std::string> by_place;  // of a bundle's members: objects, separated by commas
  std::size_t counted = 0;            // bytes of them, as Audiences counts them
  std::size_t objects = 0;            // in all of them
  bool waited = false;                // some of them were there before the request
};

}  // namespace comet
