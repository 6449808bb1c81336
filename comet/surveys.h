// The questions and orders of this core to all cores whose answers are not all here yet.
//
// Owned by a hub. Each core answers each survey exactly once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "comet/hub_message.h"
#include "reactor/slab.h"

namespace comet {

class Surveys {
 public:
  // What is to be done when every core has answered: cores answer at once, but for kAcknowledge and
  // kHandOverPage, which take them a walk through their channels.
  enum class Purpose : std::uint8_t { kAcknowledge, kBeginPresence, kHandOver, kHandOverPage };

  struct Complete {
    Purpose purpose;
    Ref asker;                      // a session; for kBeginPresence a subscriber
    std::vector<Finding> findings;  // by core
  };

  explicit Surveys(std::size_t cores) : cores_(cores) {}

  Ref open(Purpose purpose, Ref asker) {
    ++open_[static_cast<std::size_t>(purpose)];
    const std::uint32_t index =
        pending_.emplace(Pending{{purpose, asker, std::vector<Finding>(cores_)}, cores_});
    return {index, pending_.generation(index)};
  }

  // The survey, when this was the last answer to it.
  std::optional<Complete> add(std::size_t from, SurveyReply&& reply) {
    Pending* pending = pending_.find(reply.survey.index, reply.survey.generation);
    if (pending == nullptr) return std::nullopt;
    pending->survey.findings[from] = std::move(reply.finding);
    if (--pending->missing > 0) return std::nullopt;
    std::optional<Complete> complete(std::move(pending->survey));
    --open_[static_cast<std::size_t>(complete->purpose)];
    pending_.erase(reply.survey.index);
    return complete;
  }

  // Those that are not complete. Who asked may be gone, and does not take its question along; so it
  // is here that they are bounded.
  [[nodiscard]] std::size_t size() const { return pending_.size(); }
  [[nodiscard]] std::size_t open_for(Purpose purpose) const {
    return open_[static_cast<std::size_t>(purpose)];
  }

 private:
  struct Pending {
    Complete survey;
    std::size_t missing;
  };

  const std::size_t cores_;
  reactor::Slab<Pending> pending_;
  std::array<std::size_t, 4> open_{};  // by purpose
};

}  // namespace comet
