// What a crash left of a channel's messages: runs of consecutive numbers with gaps between them.
//
// Owned by a channel at its home, or by the answer to a Join. Numbers rise from run to run, no run
// is empty, and all are older than the channel's history: a server that starts after a crash goes
// on at a number that nobody was given before, so a gap lies behind the last run, too.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "comet/history.h"

namespace comet {

class Salvage {
 public:
  Salvage();
  // Not inline: what is rare must not grow the code of the messages between cores.
  Salvage(Salvage&&) noexcept;
  Salvage& operator=(Salvage&&) noexcept;
  ~Salvage();

  // Every number of `run` is greater than those before it. An empty one is nothing.
  void append(History&& run);

  [[nodiscard]] const std::vector<History>& runs() const { return runs_; }
  [[nodiscard]] bool empty() const { return runs_.empty(); }
  [[nodiscard]] std::uint32_t messages() const { return messages_; }
  // Of all contents, and what the messages take (see History).
  [[nodiscard]] std::uint64_t bytes() const;
  [[nodiscard]] std::uint64_t memory() const;
  // The oldest number. Not of an empty one.
  [[nodiscard]] std::uint64_t begin() const { return runs_.front().begin(); }

  void drop_oldest();

  // References to all messages whose numbers are at least `from`.
  [[nodiscard]] Salvage copy_from(std::uint64_t from) const;

 private:
  std::vector<History> runs_;
  std::uint32_t messages_ = 0;  // in all runs
};

}  // namespace comet
