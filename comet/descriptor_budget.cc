#include "comet/descriptor_budget.h"

#include <fmt/format.h>

namespace comet {
namespace {

// The standard three, the log, the pidfile.
constexpr std::uint64_t kOfProcess = 5;
// The poller, the waker, and the one that is given up for a moment when there are no more.
constexpr std::uint64_t kOfCore = 3;

}  // namespace

std::uint64_t DescriptorBudget::kept(std::size_t cores, std::size_t listeners_per_core,
                                     std::uint64_t reserved) {
  return kOfProcess + cores * (kOfCore + listeners_per_core + kRefusalsPerCore) + reserved;
}

reactor::Result<DescriptorBudget> DescriptorBudget::make(std::uint64_t limit, std::size_t cores,
                                                         std::size_t listeners_per_core,
                                                         std::uint64_t reserved) {
  DescriptorBudget budget;
  budget.limit = limit;
  budget.own = kOfProcess + cores * (kOfCore + listeners_per_core);
  budget.refusals = cores * kRefusalsPerCore;
  budget.reserved = reserved;
  const std::uint64_t kept_back = kept(cores, listeners_per_core, reserved);
  if (limit <= kept_back) {
    return reactor::Error{fmt::format(
        "the descriptor limit is {}, of which {} are kept back, {} of them by "
        "admin.reserved_descriptors: raise it (ulimit -n, LimitNOFILE=) or keep back fewer",
        limit, kept_back, reserved)};
  }
  budget.front = limit - kept_back;
  return budget;
}

}  // namespace comet
