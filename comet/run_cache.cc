#include "comet/run_cache.h"

#include "comet/text_memory.h"

namespace comet {

const Run& RunCache::run(Ref ref, const Audience& audience, Framing framing, std::uint64_t from) {
  Entry& entry = entries_[framing.index()];
  if (entry.audience != ref || entry.epoch != audience.epoch || entry.from != from) {
    restart(entry, ref, audience, framing, from);
  }
  Run& run = entry.run;
  while (!entry.full && run.to < audience.window.next()) {
    append_message(run.bytes, framing, entry.name, run.to, *audience.window.at(run.to));
    run.ends.push_back(static_cast<std::uint32_t>(run.bytes.size()));
    ++run.to;
    entry.full = run.bytes.size() >= kRunBytesMax;
  }
  return run;
}

void RunCache::restart(Entry& entry, Ref ref, const Audience& audience, Framing framing,
                       std::uint64_t from) {
  if (entry.audience != ref) entry.name = escaped_name(framing.transport, audience.name.text);
  entry.audience = ref;
  entry.epoch = audience.epoch;
  entry.from = from;
  entry.full = false;
  entry.run.to = from;
  make_empty(entry.run.bytes, 2 * kRunBytesMax);
  entry.run.ends.clear();
}

}  // namespace comet
