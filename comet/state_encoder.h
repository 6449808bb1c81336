// Writes the bytes of a state file, block by block, to whoever keeps them.
//
// Owned by who saves; one thread. Blocks are handed to the sink as soon as they are full, so a
// state of any size passes through a buffer of one block (or of one message, where that is longer).
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "comet/channel_record.h"
#include "comet/state_format.h"

namespace comet {

class StateEncoder {
 public:
  using Sink = std::function<void(std::string_view bytes)>;

  StateEncoder(const StateHeader& header, Sink sink);

  void add(const ChannelRecord& channel);
  // Nothing may be added after it.
  void finish();

  [[nodiscard]] const StateFooter& written() const { return footer_; }

 private:
  void add(const Message& message, const MessageRef& reference);
  void seal(BlockKind kind);

  static constexpr std::size_t kBlockBytes = 256 * 1024;
  // Broadcasts that are looked for among those written before. Their references are held, so that
  // an address means the same message as long as it is in the table.
  static constexpr std::size_t kRememberedMax = 16 * 1024;

  Sink sink_;
  std::string payload_;
  std::string block_;
  std::uint64_t blocks_ = 0;
  StateFooter footer_;
  std::uint64_t broadcasts_ = 0;  // with an index
  struct Remembered {
    std::uint64_t index;
    MessageRef message;
  };
  absl::flat_hash_map<const Message*, Remembered> remembered_;
};

}  // namespace comet
