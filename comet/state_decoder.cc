#include "comet/state_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace comet {
namespace {

constexpr std::size_t kStartBytes = kStateMagic.size() + sizeof(std::uint32_t);

// Takes an integer off the front; false when it is not there.
template <class T>
bool take(std::string_view& bytes, T& value) {
  if (bytes.size() < sizeof(T)) return false;
  value = read_le<T>(bytes.data());
  bytes.remove_prefix(sizeof(T));
  return true;
}

bool take(std::string_view& bytes, std::size_t count, std::string_view& text) {
  if (bytes.size() < count) return false;
  text = bytes.substr(0, count);
  bytes.remove_prefix(count);
  return true;
}

}  // namespace

StateDecoder::Complaint StateDecoder::feed(std::string_view bytes) {
  unread_.append(bytes);
  if (expects_ == Expects::kMagic) {
    // A foreign file is known by its first bytes, however short it is.
    const std::size_t seen = std::min(unread_.size(), kStateMagic.size());
    if (unread_.compare(0, seen, kStateMagic, 0, seen) != 0) return "is not a state file of comet";
    if (unread_.size() < kStartBytes) return std::nullopt;
    if (Complaint complaint = read_magic()) return complaint;
  }
  std::size_t read = 0;
  while (unread_.size() - read >= kBlockHeadBytes) {
    if (expects_ == Expects::kNothing) break;
    const char* head = unread_.data() + read;
    const auto length = read_le<std::uint32_t>(head + 1);
    if (unread_.size() - read - kBlockHeadBytes < length) break;
    const std::string_view payload(head + kBlockHeadBytes, length);
    const auto kind = static_cast<BlockKind>(*head);
    if (block_crc(blocks_, kind, payload) != read_le<std::uint32_t>(head + 5)) return damaged();
    if (Complaint complaint = read_block(kind, payload)) return complaint;
    ++blocks_;
    read += kBlockHeadBytes + length;
    offset_ += kBlockHeadBytes + length;
  }
  unread_.erase(0, read);
  if (expects_ == Expects::kNothing && !unread_.empty()) return damaged();
  return std::nullopt;
}

StateDecoder::Complaint StateDecoder::finish() {
  if (expects_ == Expects::kNothing) return std::nullopt;
  return fmt::format("is cut short: it ends at byte {}, within what begins at byte {}",
                     offset_ + unread_.size(), offset_);
}

StateDecoder::Complaint StateDecoder::damaged() const {
  return fmt::format("is damaged in what begins at byte {}", offset_);
}

StateDecoder::Complaint StateDecoder::read_magic() {
  const auto version = read_le<std::uint32_t>(unread_.data() + kStateMagic.size());
  if (version != kStateVersion) {
    return fmt::format("has format version {}, and this server reads version {}", version,
                       kStateVersion);
  }
  unread_.erase(0, kStartBytes);
  offset_ = kStartBytes;
  expects_ = Expects::kHeader;
  return std::nullopt;
}

StateDecoder::Complaint StateDecoder::read_block(BlockKind kind, std::string_view payload) {
  if ((kind == BlockKind::kHeader) != (expects_ == Expects::kHeader)) return damaged();
  switch (kind) {
    case BlockKind::kHeader:
      return read_header(payload);
    case BlockKind::kItems:
      return read_items(payload);
    case BlockKind::kFooter:
      return read_footer(payload);
  }
  return damaged();
}

StateDecoder::Complaint StateDecoder::read_header(std::string_view payload) {
  if (payload.size() != kHeaderBytes) return damaged();
  StateHeader header;
  std::uint8_t complete = 0;
  const bool taken = take(payload, header.lineage) && take(payload, header.id) &&
                     take(payload, header.first_number) && take(payload, header.ceiling) &&
                     take(payload, header.saved_unix_ms) && take(payload, complete);
  if (!taken || complete > 1 || header.first_number == 0 || header.first_number > kNumberMax ||
      header.ceiling > kNumberMax) {
    return damaged();
  }
  header.complete = complete == 1;
  expects_ = Expects::kItems;
  return on_header_(header);
}

StateDecoder::Complaint StateDecoder::read_items(std::string_view payload) {
  while (!payload.empty()) {
    if (!read_item(payload)) return damaged();
  }
  return std::nullopt;
}

bool StateDecoder::read_item(std::string_view& items) {
  const auto kind = static_cast<ItemKind>(items.front());
  items.remove_prefix(1);
  switch (kind) {
    case ItemKind::kChannel:
      return begin_channel(items);
    case ItemKind::kRun:
      return begin_run(items);
    case ItemKind::kData:
      return add_message(items, Message::Type::kData);
    case ItemKind::kBroadcast:
      return add_message(items, Message::Type::kBroadcast);
    case ItemKind::kSharedBroadcast:
      return add_shared(items);
  }
  return false;
}

bool StateDecoder::begin_channel(std::string_view& items) {
  if (!end_channel()) return false;
  ChannelRecord channel;
  std::uint8_t name_length = 0;
  std::string_view name;
  std::string_view token;
  std::uint8_t had_subscribers = 0;
  const bool taken = take(items, name_length) && take(items, name_length, name) &&
                     take(items, channel.token.bytes.size(), token) && take(items, channel.next) &&
                     take(items, channel.expires_unix_ms) && take(items, had_subscribers);
  if (!taken || name.empty() || had_subscribers > 1) return false;
  if (channel.next == 0 || channel.next > kNumberMax) return false;
  channel.name.assign(name);
  std::copy(token.begin(), token.end(), channel.token.bytes.begin());
  channel.had_subscribers = had_subscribers == 1;
  channel_ = std::move(channel);
  return true;
}

bool StateDecoder::begin_run(std::string_view& items) {
  std::uint64_t first = 0;
  if (!channel_ || !take(items, first) || first == 0 || first > kNumberMax) return false;
  auto& runs = channel_->runs;
  if (!runs.empty() && (runs.back().size() == 0 || runs.back().next() > first)) return false;
  runs.emplace_back(first);
  return true;
}

bool StateDecoder::add_message(std::string_view& items, Message::Type type) {
  std::uint32_t length = 0;
  std::string_view content;
  if (!take(items, length) || !take(items, length, content)) return false;
  MessageRef message = MessageRef::make(type, content);
  if (type == Message::Type::kBroadcast) broadcasts_.push_back(message);
  return append(std::move(message));
}

bool StateDecoder::add_shared(std::string_view& items) {
  std::uint64_t index = 0;
  if (!take(items, index) || index >= broadcasts_.size()) return false;
  return append(broadcasts_[static_cast<std::size_t>(index)]);
}

bool StateDecoder::append(MessageRef message) {
  if (!channel_ || channel_->runs.empty()) return false;
  channel_->runs.back().append(std::move(message));
  ++counted_.messages;
  return true;
}

bool StateDecoder::end_channel() {
  if (!channel_) return true;
  const auto& runs = channel_->runs;
  if (!runs.empty() && (runs.back().size() == 0 || runs.back().next() > channel_->next)) {
    return false;
  }
  ++counted_.channels;
  on_channel_(std::move(*channel_));
  channel_.reset();
  return true;
}

StateDecoder::Complaint StateDecoder::read_footer(std::string_view payload) {
  if (payload.size() != kFooterBytes || !end_channel()) return damaged();
  StateFooter footer;
  if (!take(payload, footer.channels) || !take(payload, footer.messages)) return damaged();
  if (footer != counted_) return damaged();
  expects_ = Expects::kNothing;
  return std::nullopt;
}

}  // namespace comet
