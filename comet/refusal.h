// What a subscriber is told that its home does not let in, and how it is counted.
#pragma once

#include <string_view>

#include "comet/close_reason.h"
#include "comet/hub_message.h"

namespace comet {

struct Refusal {
  CloseReason reason;
  std::string_view type;
  std::string_view content;
};

// Of an outcome that is not kOk.
Refusal refusal_of(Outcome outcome);

}  // namespace comet
