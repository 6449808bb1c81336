// Which numbers of messages may have been given out, written down before they are.
//
// The rule that no number is used twice, whatever happens: every number that any channel gives out
// lies below a ceiling, and a ceiling holds only once it is on disk. A server that starts after a
// crash goes on behind the ceiling it finds, in channels that its state file has as in those that
// it does not; the ceiling itself is never given out, so that a gap is announced after every crash,
// also where nothing was lost. It is one figure for all channels, so a channel that was made after
// the last snapshot, and is not known any more, is as safe as the others.
//
// The ledger is a file beside the state file. It also says which snapshot is complete, which means
// that its server stopped well after it: then every channel goes on at its own next number.
// Pure: no file, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "comet/state_format.h"
#include "reactor/result.h"

namespace comet {

struct NumberLedger {
  std::uint64_t lineage = 0;      // the same in all files of one state, and in no other
  std::uint64_t ceiling = 1;      // all numbers given out are below
  std::uint64_t complete_id = 0;  // the snapshot after which nothing was given out; 0: none

  [[nodiscard]] std::string encode() const;
  // The error is the end of a sentence about the file.
  static reactor::Result<NumberLedger> decode(std::string_view bytes);

  friend bool operator==(const NumberLedger&, const NumberLedger&) = default;
};

// Where a server that starts begins to number.
struct Numbering {
  std::uint64_t first_number = 1;  // of new channels; after a crash, of all
  bool after_crash = false;

  friend bool operator==(const Numbering&, const Numbering&) = default;
};

// Without a state file: there was none yet, or somebody removed it.
Numbering numbering_without_state(const NumberLedger& ledger);
// The error is the end of a sentence about the state file.
reactor::Result<Numbering> numbering_after(const NumberLedger& ledger, const StateHeader& state);

}  // namespace comet
