// Which audiences are to be swept, and which of them rest a little first.
//
// Owned by Audiences. An audience that was just swept rests before its next pass. When messages
// come faster than they can be sent one by one, several leave in the same write, and the core has
// time for others; when they come slower, nobody is resting. So it is a bound on the share of a
// core that one channel takes, and no delay of the ordinary message.
//
// Holds names only: an audience that is gone meanwhile is for the caller to notice. The caller
// pushes an audience at most once before it is popped.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "comet/hub_message.h"

namespace comet {

class SweepQueue {
 public:
  // HOT. To be swept at once, or when its rest is over.
  void push(Ref audience, std::uint64_t rests_until_us, std::uint64_t now_us) {
    if (rests_until_us <= now_us) {
      ready_.push_back(audience);
    } else {
      resting_.push_back({audience, rests_until_us});
      next_us_ = std::min(next_us_, rests_until_us);
    }
  }

  // An audience that rests, if it does, need not go on.
  void hurry(Ref audience) {
    const auto resting = std::ranges::find(resting_, audience, &Resting::audience);
    if (resting == resting_.end()) return;
    ready_.push_back(audience);
    *resting = resting_.back();
    resting_.pop_back();  // next_us_ may come early now, and wake() find nothing
  }

  // HOT. Those who have rested line up behind the others.
  void wake(std::uint64_t now_us) {
    if (next_us_ > now_us) return;
    next_us_ = kNever;
    std::erase_if(resting_, [&](const Resting& resting) {
      if (resting.until_us > now_us) {
        next_us_ = std::min(next_us_, resting.until_us);
        return false;
      }
      ready_.push_back(resting.audience);
      return true;
    });
  }

  // HOT. The audience that has been ready for longest, if there is one.
  std::optional<Ref> pop() {
    if (popped_ == ready_.size()) return std::nullopt;
    const Ref audience = ready_[popped_++];
    // Seldom enough to cost nothing, and often enough for a queue that never runs empty.
    if (popped_ * 2 >= ready_.size()) {
      ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(popped_));
      popped_ = 0;
    }
    return audience;
  }

  [[nodiscard]] bool has_ready() const { return popped_ < ready_.size(); }
  // Tests: a queue takes room for those who wait, and for as many who were served.
  [[nodiscard]] std::size_t places() const { return ready_.size(); }
  // When wake() has something to do.
  [[nodiscard]] std::optional<std::uint64_t> next_us() const {
    if (next_us_ == kNever) return std::nullopt;
    return next_us_;
  }

 private:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
  struct Resting {
    Ref audience;
    std::uint64_t until_us;
  };

  std::vector<Ref> ready_;
  std::size_t popped_ = 0;  // of ready_, from the front
  std::vector<Resting> resting_;
  std::uint64_t next_us_ = kNever;  // when the first of them has rested
};

}  // namespace comet
