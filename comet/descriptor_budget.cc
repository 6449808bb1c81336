#include "comet/descriptor_budget.h"

#include <fmt/format.h>

#include "reactor/loop.h"

namespace comet {
namespace {

constexpr std::uint64_t kOfCore = reactor::Loop::kOwnDescriptors;

}  // namespace

std::uint64_t DescriptorBudget::kept(std::size_t cores, std::size_t listeners_per_core,
                                     std::uint64_t reserved) {
  return kProcessDescriptors + cores * (kOfCore + listeners_per_core + kRefusalsPerCore) + reserved;
}

reactor::Result<DescriptorBudget> DescriptorBudget::make(std::uint64_t limit, std::size_t cores,
                                                         std::size_t listeners_per_core,
                                                         std::uint64_t reserved) {
  DescriptorBudget budget;
  budget.limit = limit;
  budget.own = kProcessDescriptors + cores * (kOfCore + listeners_per_core);
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
