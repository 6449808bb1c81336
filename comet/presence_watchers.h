// Those of one core who watch /psub: which audience is whose, and who is not let in yet.
//
// Part of Audiences. Whoever hears of the same events sits in one audience, which comes with the
// first of them and stays. A watcher joins, until every core tells of its channels; then it has a
// seat. It is counted from its coming to its going.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "comet/presence.h"
#include "comet/ref.h"
#include "reactor/slab.h"

namespace comet {

class PresenceWatchers {
 public:
  PresenceWatchers() { audiences_.fill(reactor::kNoIndex); }

  // kNoIndex: nobody has watched these yet.
  [[nodiscard]] std::uint32_t audience(PresenceEvents events) const {
    return audiences_[place(events)];
  }
  // Theirs from now on, which had none.
  void keep_audience(PresenceEvents events, std::uint32_t audience) {
    audiences_[place(events)] = audience;
  }
  // Of one of these audiences.
  [[nodiscard]] PresenceEvents events_of(std::uint32_t audience) const {
    return audience == this->audience(PresenceEvents::kChannels) ? PresenceEvents::kChannels
                                                                 : PresenceEvents::kSubscribers;
  }
  // f(audience) for each that is there and hears of such an event: who hears of subscribers hears
  // of channels, too.
  template <class F>
  void for_each_audience(PresenceEvents event, F&& f) const {
    for (std::size_t i = place(event); i < kPresenceEvents; ++i) {
      if (audiences_[i] != reactor::kNoIndex) f(audiences_[i]);
    }
  }
  [[nodiscard]] std::size_t audiences() const {
    return kPresenceEvents -
           static_cast<std::size_t>(std::ranges::count(audiences_, reactor::kNoIndex));
  }

  void came(PresenceEvents events, Ref watcher) {
    ++counts_[place(events)];
    joining_.push_back(watcher);
  }
  // It joins no longer, whether it is still there or not.
  void let_in(Ref watcher) { std::erase(joining_, watcher); }
  // Those who join, some of whom may have left; they do so no longer.
  [[nodiscard]] std::vector<Ref> take_joining() { return std::exchange(joining_, {}); }
  void left(PresenceEvents events) { --counts_[place(events)]; }

  [[nodiscard]] bool are_there(PresenceEvents events) const { return counts_[place(events)] > 0; }
  [[nodiscard]] std::size_t count() const {
    return counts_[place(PresenceEvents::kChannels)] + counts_[place(PresenceEvents::kSubscribers)];
  }

 private:
  static std::size_t place(PresenceEvents events) { return static_cast<std::size_t>(events); }

  std::array<std::uint32_t, kPresenceEvents> audiences_;  // by events
  std::array<std::size_t, kPresenceEvents> counts_{};     // by events; joining ones included
  std::vector<Ref> joining_;                              // of all events
};

}  // namespace comet
