#include "comet/publish_refusal.h"

namespace comet {

std::optional<PublishRefusal> publish_refusal(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOverloaded:
      return PublishRefusal{503, "overloaded; try again later"};
    case Outcome::kNumbersShort:
      return PublishRefusal{503, "the disk is too slow for the state's numbers; try again later"};
    case Outcome::kMemoryFull:
      return PublishRefusal{503, "out of memory (limits.max_memory); try again later"};
    case Outcome::kTooManyChannels:
      return PublishRefusal{429, "Too many channels"};
    default:
      return std::nullopt;
  }
}

}  // namespace comet
