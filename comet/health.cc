#include "comet/health.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace comet {

std::vector<std::string> reasons_not_ready(const ServerFacts& facts,
                                           std::span<const CoreReport> cores) {
  const CoreReport sum = sum_of(cores);
  std::vector<std::string> reasons;
  if (facts.phase != ServerPhase::kServing) reasons.emplace_back(name_of(facts.phase));
  if (sum.channels >= facts.channels_max) {
    reasons.push_back(fmt::format("{} of {} channels exist", sum.channels, facts.channels_max));
  }
  if (facts.front_connections >= facts.front_connections_max) {
    reasons.push_back(fmt::format("the front port has {} of {} connections",
                                  facts.front_connections, facts.front_connections_max));
  }
  const std::uint64_t descriptors = sum.descriptors + facts.process_descriptors;
  if (descriptors >= facts.descriptors_max) {
    reasons.push_back(
        fmt::format("{} of {} descriptors are open", descriptors, facts.descriptors_max));
  }
  if (sum.memory_state == MemoryState::kShort) {
    reasons.push_back(fmt::format("{} of {} bytes of memory are taken", sum.memory.total(),
                                  facts.memory_limits.total.value_or(0)));
  }
  for (const CoreReport& core : cores) {
    const std::uint64_t backlog = mail_backlog_of(core.core, cores);
    if (backlog > kCongestedBacklog) {
      reasons.push_back(
          fmt::format("core {} does not keep up: {} messages wait for it", core.core, backlog));
    }
  }
  return reasons;
}

Reply health_reply(const ServerFacts& facts, std::span<const CoreReport> cores) {
  const std::vector<std::string> reasons = reasons_not_ready(facts, cores);
  if (!reasons.empty()) return Reply::error(503, fmt::format("{}", fmt::join(reasons, "; ")));
  Reply ready;
  ready.body = "ready\n";
  return ready;
}

}  // namespace comet
