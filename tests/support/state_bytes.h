// States for tests: made of any channels, as bytes, and read back.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "comet/channel_record.h"
#include "comet/state_decoder.h"
#include "comet/state_encoder.h"

namespace support {

comet::MessageRef message_of(std::string_view content,
                             comet::Message::Type type = comet::Message::Type::kData);
// Its only run ends at `next`.
comet::ChannelRecord record_of(std::string_view name, std::uint64_t next,
                               std::initializer_list<std::string_view> contents = {});
// Any number of channels with any contents, some of them broadcasts that channels share.
std::vector<comet::ChannelRecord> random_records(std::mt19937_64& random);

// Records can be moved only, so braces make no list of them.
template <class... Records>
std::vector<comet::ChannelRecord> list(Records&&... records) {
  std::vector<comet::ChannelRecord> all;
  (all.push_back(std::forward<Records>(records)), ...);
  return all;
}

std::string encode(const comet::StateHeader& header,
                   const std::vector<comet::ChannelRecord>& records);

struct Decoded {
  comet::StateHeader header;
  std::vector<comet::ChannelRecord> records;
  std::optional<std::string> complaint;
};
// Fed in pieces of that size.
Decoded decode(std::string_view bytes, std::size_t piece = 1 << 20);

// A record as text: what must be equal before and after.
std::string describe(const comet::ChannelRecord& record);
std::string describe(const std::vector<comet::ChannelRecord>& records);

}  // namespace support
