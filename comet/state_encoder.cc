#include "comet/state_encoder.h"

#include <utility>

#include "reactor/check.h"

namespace comet {

StateEncoder::StateEncoder(const StateHeader& header, Sink sink) : sink_(std::move(sink)) {
  std::string start(kStateMagic);
  append_le(start, kStateVersion);
  sink_(start);
  append_le(payload_, header.lineage);
  append_le(payload_, header.id);
  append_le(payload_, header.first_number);
  append_le(payload_, header.ceiling);
  append_le(payload_, header.saved_unix_ms);
  append_le(payload_, static_cast<std::uint8_t>(header.complete));
  seal(BlockKind::kHeader);
}

void StateEncoder::add(const ChannelRecord& channel) {
  CHECK(channel.name.size() <= 0xff);
  append_le(payload_, static_cast<std::uint8_t>(ItemKind::kChannel));
  append_le(payload_, static_cast<std::uint8_t>(channel.name.size()));
  payload_.append(channel.name);
  for (const std::uint8_t byte : channel.token.bytes) append_le(payload_, byte);
  append_le(payload_, channel.next);
  append_le(payload_, channel.expires_unix_ms);
  append_le(payload_, static_cast<std::uint8_t>(channel.had_subscribers));
  ++footer_.channels;
  for (const History& run : channel.runs) {
    append_le(payload_, static_cast<std::uint8_t>(ItemKind::kRun));
    append_le(payload_, run.begin());
    for (std::uint64_t seq = run.begin(); seq < run.next(); ++seq) add(*run.at(seq), run.at(seq));
  }
  if (payload_.size() >= kBlockBytes) seal(BlockKind::kItems);
}

void StateEncoder::add(const Message& message, const MessageRef& reference) {
  ++footer_.messages;
  ItemKind kind = ItemKind::kData;
  if (message.type() == Message::Type::kBroadcast) {
    if (const auto found = remembered_.find(&message); found != remembered_.end()) {
      append_le(payload_, static_cast<std::uint8_t>(ItemKind::kSharedBroadcast));
      append_le(payload_, found->second.index);
      return;
    }
    kind = ItemKind::kBroadcast;
    if (remembered_.size() >= kRememberedMax) remembered_.clear();
    remembered_.emplace(&message, Remembered{broadcasts_++, reference});
  }
  append_le(payload_, static_cast<std::uint8_t>(kind));
  append_le(payload_, static_cast<std::uint32_t>(message.content().size()));
  payload_.append(message.content());
  if (payload_.size() >= kBlockBytes) seal(BlockKind::kItems);
}

void StateEncoder::finish() {
  if (!payload_.empty()) seal(BlockKind::kItems);
  append_le(payload_, footer_.channels);
  append_le(payload_, footer_.messages);
  seal(BlockKind::kFooter);
}

void StateEncoder::seal(BlockKind kind) {
  block_.clear();
  append_le(block_, static_cast<std::uint8_t>(kind));
  append_le(block_, static_cast<std::uint32_t>(payload_.size()));
  append_le(block_, block_crc(blocks_++, kind, payload_));
  block_.append(payload_);
  payload_.clear();
  sink_(block_);
}

}  // namespace comet
