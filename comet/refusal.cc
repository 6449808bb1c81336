#include "comet/refusal.h"

namespace comet {

Refusal refusal_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kTooManyChannels:
      return {CloseReason::kTooManyChannels, "429", "Too many channels"};
    case Outcome::kTooManySubscribers:
      return {CloseReason::kTooManySubscribers, "429", "Too many subscribers"};
    case Outcome::kMemoryFull:
      return {CloseReason::kMemoryFull, "429", "Overloaded"};
    case Outcome::kOverloaded:
      return {CloseReason::kOverloaded, "429", "Overloaded"};
    // What a client does about a token that is none helps here, too: it asks for a new /sign.
    case Outcome::kUnknownChannel:
      return {CloseReason::kUnknownChannel, "401", "Token error"};
    default:
      return {CloseReason::kTokenError, "401", "Token error"};
  }
}

}  // namespace comet
