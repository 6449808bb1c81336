// How a subscriber is told what a crash left, and where numbering goes on behind each gap.
//
// Pure functions from messages to bytes; any core. A gap is told by next_seq, which every client
// knows from its first connection: it must set its next number to that one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "comet/salvage.h"
#include "comet/transport.h"

namespace comet {

// Appends, framed, the messages of each run and behind it the number of what follows: the next
// run's first, at last `next`. Without runs, only `next`.
void append_salvage(std::string& out, Framing framing, std::string_view escaped_name,
                    const Salvage& salvage, std::uint64_t next,
                    const OtherPositions& others = kNoOthers);

// Appends a poll's body that goes as far as the first gap and ends with the number behind it; the
// client's next request asks for that one. Returns how many messages it has.
std::uint32_t append_poll_salvage(std::string& out, const PollWrap& wrap,
                                  std::string_view escaped_name, const Salvage& salvage,
                                  std::uint64_t next);

}  // namespace comet
