#include "comet/close_reason.h"

#include <fmt/format.h>

#include "comet/hub_message.h"

namespace comet {

std::string render_close_reasons_table() {
  std::string table = "| reason | counts as | when |\n|---|---|---|\n";
  for (const CloseReasonRow& row : kCloseReasonTable) {
    const bool refused = row.kind == CloseReasonRow::Kind::kRefused;
    table +=
        fmt::format("| `{}` | {} | {} |\n", row.name, refused ? "refused" : "closed", row.sentence);
  }
  return table;
}

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
    case Outcome::kNumbersShort:
      return CloseReason::kNumbersShort;
    case Outcome::kMemoryFull:
      return CloseReason::kMemoryFull;
    case Outcome::kOk:
    case Outcome::kUnknownChannel:
      break;
  }
  return std::nullopt;
}

}  // namespace comet
