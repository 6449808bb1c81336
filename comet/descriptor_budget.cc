#include "comet/descriptor_budget.h"

#include <fmt/format.h>

#include "reactor/loop.h"

namespace comet {
namespace {

constexpr std::uint64_t kOfCore = reactor::Loop::kOwnDescriptors;

}  // namespace

std::uint64_t process_descriptors(const Config& config) {
  return kProcessDescriptors + (config.state_file.empty() ? 0 : kStateDescriptors);
}

std::uint64_t DescriptorBudget::kept(const Config& config, std::size_t cores,
                                     std::size_t listeners_per_core) {
  return process_descriptors(config) + cores * (kOfCore + listeners_per_core + kRefusalsPerCore) +
         config.admin.reserved_descriptors;
}

reactor::Result<DescriptorBudget> DescriptorBudget::make(std::uint64_t limit, const Config& config,
                                                         std::size_t cores,
                                                         std::size_t listeners_per_core) {
  const std::uint64_t reserved = config.admin.reserved_descriptors;
  DescriptorBudget budget;
  budget.limit = limit;
  budget.own = process_descriptors(config) + cores * (kOfCore + listeners_per_core);
  budget.refusals = cores * kRefusalsPerCore;
  budget.reserved = reserved;
  const std::uint64_t kept_back = kept(config, cores, listeners_per_core);
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
