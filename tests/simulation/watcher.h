// Follows what one subscriber of /psub gets: every channel that comes and goes, once each.
//
// Owned by a simulation, one for each. A watcher hears of what happens from the moment that its
// response begins; that a channel still lives is said again and again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/model.h"
#include "tests/support/memory_wire.h"
#include "tests/support/transcript.h"

namespace simulation {

class Watcher {
 public:
  Watcher(std::size_t number, comet::Framing framing, comet::PresenceEvents events)
      : number_(number), events_(events), reader_(framing) {}

  [[nodiscard]] std::size_t number() const { return number_; }
  bool left = false;  // what it got need not be complete

  std::vector<support::Event> read(const support::MemorySession& session, const Model& model);
  // Nothing is under way, and everything that could be read was.
  void check_complete(const support::MemorySession& session, const Model& model) const;
  // Under the same condition: that many subscribers are there. `raw_name` is as the server knows
  // it.
  void check_count(const support::MemorySession& session, const std::string& raw_name,
                   std::uint64_t subscribers) const;

 private:
  struct Heard {
    std::optional<std::uint64_t> subscribers;  // when last said
    std::uint64_t gone = 0;
    char last = 0;  // '1', '0', or nothing yet
  };

  bool read_change(std::string_view line);

  std::size_t number_;
  comet::PresenceEvents events_;
  support::EndlessReader reader_;
  std::size_t read_ = 0;
  bool begun_ = false;
  std::map<std::string, std::uint64_t> appeared_before_;
  std::map<std::string, std::uint64_t> vanished_before_;
  std::map<std::string, Heard> heard_;
};

}  // namespace simulation
