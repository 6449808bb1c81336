// Many messages in one word: what a home is to publish of a batch, and what it says.
//
// Values, carried by HubMessage. A home gets all that is its own of one request at once, publishes
// it in this order, and answers once.
#pragma once

#include <cstdint>
#include <vector>

#include "comet/message.h"
#include "comet/name.h"
#include "comet/outcome.h"
#include "comet/ref.h"

namespace comet {

struct PushOrder {
  struct Entry {
    std::uint32_t channel;  // its place in `channels`
    MessageRef message;
  };

  Ref session;
  std::vector<ChannelName> channels;  // each once
  std::vector<Entry> entries;
};

struct PushResult {
  std::uint64_t seq = 0;
  Outcome outcome = Outcome::kOk;
};

struct PushReport {
  Ref session;
  std::vector<PushResult> results;  // by entry
};

}  // namespace comet
