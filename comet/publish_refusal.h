// What a publisher is told whose message was not published.
#pragma once

#include <optional>
#include <string_view>

#include "comet/outcome.h"

namespace comet {

struct PublishRefusal {
  int status;  // of HTTP; after 503 he may try again
  std::string_view sentence;
};

// Nothing where the message was published, or where no home says so of one.
std::optional<PublishRefusal> publish_refusal(Outcome outcome);

}  // namespace comet
