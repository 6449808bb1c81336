// Reads the bytes of a state file, however they are cut, and hands out its channels.
//
// Owned by who restores; one thread. Fed with anything at all, it neither fails an assertion nor
// takes more memory than it was given bytes. A block is looked into only when its checksum is
// right. Channels are handed out before the end has been seen: until finish() is well, they may be
// used for nothing that would be missed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "comet/channel_record.h"
#include "comet/state_format.h"

namespace comet {

class StateDecoder {
 public:
  // What is wrong with a file, as the end of a sentence about it.
  using Complaint = std::optional<std::string>;
  // May refuse what the header says.
  using OnHeader = std::function<Complaint(const StateHeader&)>;
  using OnChannel = std::function<void(ChannelRecord&&)>;

  StateDecoder(OnHeader on_header, OnChannel on_channel)
      : on_header_(std::move(on_header)), on_channel_(std::move(on_channel)) {}

  // Nothing may be fed after a complaint.
  Complaint feed(std::string_view bytes);
  // There are no more bytes.
  Complaint finish();

 private:
  enum class Expects : std::uint8_t { kMagic, kHeader, kItems, kNothing };

  Complaint read_magic();
  Complaint read_block(BlockKind kind, std::string_view payload);
  Complaint read_header(std::string_view payload);
  Complaint read_items(std::string_view payload);
  bool read_item(std::string_view& items);
  bool begin_channel(std::string_view& items);
  bool begin_run(std::string_view& items);
  bool add_message(std::string_view& items, Message::Type type);
  bool add_shared(std::string_view& items);
  bool append(MessageRef message);
  bool end_channel();
  Complaint read_footer(std::string_view payload);
  [[nodiscard]] Complaint damaged() const;

  OnHeader on_header_;
  OnChannel on_channel_;
  Expects expects_ = Expects::kMagic;
  std::string unread_;
  std::uint64_t offset_ = 0;  // of unread_ in the file
  std::uint64_t blocks_ = 0;
  StateFooter counted_;
  std::optional<ChannelRecord> channel_;  // the one that is being read
  std::vector<MessageRef> broadcasts_;    // by index
};

}  // namespace comet
