// A state file comes back as it was saved, or is refused as a whole.
#include "comet/state_decoder.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/state_bytes.h"

namespace comet {
namespace {

using support::decode;
using support::Decoded;
using support::describe;
using support::encode;
using support::list;
using support::record_of;

constexpr StateHeader kHeader{11, 22, 33, 44, 55, true};

std::string small_file() {
  return encode(kHeader, list(record_of("a", 5, {"one", "two"}), record_of("b", 1)));
}

// A file of any blocks.
std::string file_of(std::initializer_list<std::pair<BlockKind, std::string>> blocks) {
  std::string file(kStateMagic);
  append_le(file, kStateVersion);
  std::uint64_t place = 0;
  for (const auto& [kind, payload] : blocks) {
    append_le(file, static_cast<std::uint8_t>(kind));
    append_le(file, static_cast<std::uint32_t>(payload.size()));
    append_le(file, block_crc(place++, kind, payload));
    file.append(payload);
  }
  return file;
}

std::string header_payload() {
  return encode(kHeader, {}).substr(16 + kBlockHeadBytes, kHeaderBytes);
}

TEST(StateDecoder, RandomStatesComeBackAsTheyWere) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 50; ++round) {
    const auto records = support::random_records(random);
    const std::string file = encode(kHeader, records);
    const Decoded decoded = decode(file, 1 + random() % 5000);
    ASSERT_EQ(decoded.complaint, std::nullopt) << round;
    EXPECT_EQ(decoded.header, kHeader);
    ASSERT_EQ(describe(decoded.records), describe(records)) << round;
  }
}

TEST(StateDecoder, CutAnywhereItIsRefused) {
  const std::string file = small_file();
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_TRUE(decode(file.substr(0, size)).complaint.has_value()) << size;
  }
}

TEST(StateDecoder, WithAnyBitFlippedItIsRefused) {
  const std::string file = small_file();
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = file;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      EXPECT_TRUE(decode(flipped).complaint.has_value()) << at << " bit " << bit;
    }
  }
}

TEST(StateDecoder, ItDoesNotMatterHowTheBytesAreCut) {
  const std::string file = small_file();
  const std::string expected = describe(decode(file).records);
  for (std::size_t piece = 1; piece <= file.size(); ++piece) {
    const Decoded decoded = decode(file, piece);
    EXPECT_EQ(decoded.complaint, std::nullopt) << piece;
    EXPECT_EQ(describe(decoded.records), expected) << piece;
  }
}

TEST(StateDecoder, RefusalsSayWhatIsWrong) {
  EXPECT_EQ(decode("[front]\nlisten = 1\n").complaint, "is not a state file of comet");
  EXPECT_EQ(decode("x").complaint, "is not a state file of comet");
  EXPECT_EQ(decode("").complaint, "is cut short: it ends at byte 0, within what begins at byte 0");
  std::string file = small_file();
  EXPECT_EQ(decode(file.substr(0, 20)).complaint,
            "is cut short: it ends at byte 20, within what begins at byte 16");
  std::string damaged = file;
  damaged[30] = static_cast<char>(damaged[30] + 1);
  EXPECT_EQ(decode(damaged).complaint, "is damaged in what begins at byte 16");
  file[kStateMagic.size()] = 9;
  EXPECT_EQ(decode(file).complaint, "has format version 9, and this server reads version 1");
}

TEST(StateDecoder, NothingMayFollowTheFooter) {
  EXPECT_TRUE(decode(small_file() + "x").complaint.has_value());
  EXPECT_TRUE(decode(small_file() + small_file()).complaint.has_value());
}

TEST(StateDecoder, ABlockThatIsRepeatedMovedOrMissingIsSeen) {
  std::string one(1, 'C');
  one += std::string("\x01", 1) + "a" + std::string(16, 't');
  append_le(one, std::uint64_t{1});
  append_le(one, std::uint64_t{0});
  one.push_back('\0');
  std::string footer;
  append_le(footer, std::uint64_t{1});
  append_le(footer, std::uint64_t{0});
  const std::string good = file_of({{BlockKind::kHeader, header_payload()},
                                    {BlockKind::kItems, one},
                                    {BlockKind::kFooter, footer}});
  ASSERT_EQ(decode(good).complaint, std::nullopt);
  EXPECT_TRUE(
      decode(file_of({{BlockKind::kHeader, header_payload()}, {BlockKind::kFooter, footer}}))
          .complaint);
  const std::size_t items_at = 16 + kBlockHeadBytes + kHeaderBytes;
  const std::size_t items_bytes = kBlockHeadBytes + one.size();
  std::string repeated = good;
  repeated.insert(items_at, good.substr(items_at, items_bytes));
  EXPECT_TRUE(decode(repeated).complaint.has_value());
}

TEST(StateDecoder, ItemsThatMakeNoSenseAreRefusedThoughTheirChecksumIsRight) {
  std::string channel(1, 'C');
  channel += std::string("\x01", 1) + "a" + std::string(16, 't');
  std::string rest;
  append_le(rest, std::uint64_t{10});
  append_le(rest, std::uint64_t{0});
  rest.push_back('\0');
  const std::string good = channel + rest;
  const auto run = [](std::uint64_t first) {
    std::string item(1, 'R');
    append_le(item, first);
    return item;
  };
  const std::string message("D\x01\0\0\0x", 6);
  std::string shared(1, 'S');
  append_le(shared, std::uint64_t{0});
  std::string unnumbered = channel;
  append_le(unnumbered, std::uint64_t{0});
  append_le(unnumbered, std::uint64_t{0});
  unnumbered.push_back('\0');

  const std::pair<std::string_view, std::string> rows[] = {
      {"an unknown item", "?"},
      {"a message of no channel", message},
      {"a message of no run", good + message},
      {"a run of no channel", run(1)},
      {"an empty run", good + run(1)},
      {"runs that overlap", good + run(5) + message + run(5) + message},
      {"a run behind the next number", good + run(10) + message},
      {"number 0", good + run(0) + message},
      {"an index that nobody has", good + run(1) + shared},
      {"a next number of 0", unnumbered},
      {"a channel that is cut off", channel},
      {"a name that is empty", std::string("C\0", 2) + std::string(16, 't') + rest},
      {"a flag that is neither", channel + rest.substr(0, 16) + '\x02'},
      {"content that is cut off", good + run(1) + std::string("D\x05\0\0\0x", 6)},
  };
  for (const auto& [what, items] : rows) {
    std::string footer;
    append_le(footer, std::uint64_t{1});
    append_le(footer, std::uint64_t{items.ends_with(message) ? 1u : 0u});
    const std::string file = file_of({{BlockKind::kHeader, header_payload()},
                                      {BlockKind::kItems, items},
                                      {BlockKind::kFooter, footer}});
    EXPECT_TRUE(decode(file).complaint.has_value()) << what;
  }
}

TEST(StateDecoder, WhatTheHeaderSaysMayBeRefused) {
  bool restored = false;
  StateDecoder decoder([](const StateHeader&) { return "is of another server"; },
                       [&](ChannelRecord&&) { restored = true; });
  EXPECT_EQ(decoder.feed(small_file()), "is of another server");
  EXPECT_FALSE(restored);
}

}  // namespace
}  // namespace comet
