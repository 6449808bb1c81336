#include "comet/salvage_rendering.h"

#include <vector>

namespace comet {

void append_salvage(std::string& out, Framing framing, std::string_view escaped_name,
                    const Salvage& salvage, std::uint64_t next, const OtherPositions& others) {
  bool first = true;
  for (const History& run : salvage.runs()) {
    if (!first) append_next(out, framing, escaped_name, kNextSeqType, run.begin(), others);
    first = false;
    for (std::uint64_t seq = run.begin(); seq < run.next(); ++seq) {
      append_message(out, framing, escaped_name, seq, *run.at(seq), others);
    }
  }
  append_next(out, framing, escaped_name, kNextSeqType, next, others);
}

std::uint32_t append_poll_salvage(std::string& out, const PollWrap& wrap,
                                  std::string_view escaped_name, const Salvage& salvage,
                                  std::uint64_t next) {
  const std::vector<History>& runs = salvage.runs();
  if (runs.empty()) {
    append_poll_control(out, wrap, escaped_name, kNextSeqType, static_cast<std::int64_t>(next), {});
    return 0;
  }
  append_poll_gap(out, wrap, escaped_name, runs.front(), runs.size() > 1 ? runs[1].begin() : next);
  return runs.front().size();
}

}  // namespace comet
