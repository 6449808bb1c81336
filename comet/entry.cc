#include "comet/entry.h"

#include <array>
#include <string>

#include "reactor/check.h"

namespace comet {
namespace {

struct Row {
  Entry entry;
  CloseReason reason;
  int status;
  std::string_view sentence;
};

constexpr std::array kRows{
    Row{Entry::kServerFull, CloseReason::kServerFull, 503,
        "the server has as many connections as it may have"},
    Row{Entry::kAddressFull, CloseReason::kAddressFull, 429,
        "this address has as many connections as it may have"},
    Row{Entry::kNoDescriptors, CloseReason::kNoResources, 503,
        "the server has no descriptors left"},
};

// Without it a page of another origin sees the status alone (Fetch, CORS-safelisted headers).
constexpr std::string_view kLetsPagesReadRetryAfter =
    "Access-Control-Expose-Headers: Retry-After\r\n";

constexpr std::uint32_t kRetrySecondsMin = 5;
constexpr std::uint32_t kRetrySecondsSpread = 11;

const Row& row_of(Entry entry) {
  DCHECK(entry != Entry::kGranted);
  return kRows[static_cast<std::size_t>(entry) - 1];
}

}  // namespace

CloseReason reason_of(Entry entry) { return row_of(entry).reason; }

Reply refusal_of(Entry entry, std::uint32_t turn) {
  const Row& row = row_of(entry);
  Reply reply = Reply::error(row.status, row.sentence);
  reply.close = true;
  const std::uint32_t seconds = kRetrySecondsMin + turn % kRetrySecondsSpread;
  reply.headers = "Retry-After: " + std::to_string(seconds) + "\r\n";
  reply.headers.append(kLetsPagesReadRetryAfter);
  return reply;
}

}  // namespace comet
