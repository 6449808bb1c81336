// What must be remembered of a request on the admin port until its answer comes from a hub.
//
// Part of the connection's Exchange.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "comet/channel_listing.h"
#include "comet/push_batch.h"
#include "comet/routes.h"

namespace comet {

struct AdminQuestion {
  Endpoint endpoint = Endpoint::kInfo;
  std::string cname;
  std::string callback;  // "" for bare
  ChannelOrder order = ChannelOrder::kName;
  std::size_t limit = 0;
  std::unique_ptr<PushBatch> push;  // a request with many messages
};

}  // namespace comet
