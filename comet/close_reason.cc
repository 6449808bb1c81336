#include "comet/close_reason.h"

#include "comet/hub_message.h"

namespace comet {

std::optional<CloseReason> reason_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kTooManyChannels:
      return CloseReason::kTooManyChannels;
    case Outcome::kTooManySubscribers:
      return CloseReason::kTooManySubscribers;
    case Outcome::kTokenError:
      return CloseReason::kTokenError;
    case Outcome::kOverloaded:
      return CloseReason::kOverloaded;
    case Outcome::kOk:
    case Outcome::kUnknownChannel:
      break;
  }
  return std::nullopt;
}

}  // namespace comet
