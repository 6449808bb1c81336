// Whether the server should be given work: what /health/ready says.
//
// A pure function of what the cores reported. Whoever asks through a load balancer gets no answer
// from a core that hangs, which says the same.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "comet/core_report.h"
#include "comet/reply.h"
#include "comet/server_facts.h"

namespace comet {

// Why not, one sentence each; nothing when all is well.
std::vector<std::string> reasons_not_ready(const ServerFacts& facts,
                                           std::span<const CoreReport> cores);

// 200 and "ready", or 503 and the reasons, in one line.
Reply health_reply(const ServerFacts& facts, std::span<const CoreReport> cores);

}  // namespace comet
