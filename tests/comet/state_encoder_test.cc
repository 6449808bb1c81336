// The bytes of a state file.
#include "comet/state_encoder.h"

#include <gtest/gtest.h>

#include "tests/support/state_bytes.h"

namespace comet {
namespace {

using support::describe;
using support::encode;
using support::message_of;
using support::record_of;

// What the file holds behind the heads of its blocks, whose checksums other tests prove.
std::string payloads(std::string_view file) {
  std::string text;
  file.remove_prefix(kStateMagic.size() + 4);
  while (!file.empty()) {
    const auto length = read_le<std::uint32_t>(file.data() + 1);
    text.push_back(file[0]);
    text.append(file.substr(kBlockHeadBytes, length));
    file.remove_prefix(kBlockHeadBytes + length);
  }
  return text;
}

TEST(StateEncoder, GoldenBytes) {
  using namespace std::string_literals;
  ChannelRecord record = record_of("a", 43, {"hi"});
  record.token.bytes.fill(0xab);
  record.expires_unix_ms = 258;
  record.runs.back().append(message_of("all", Message::Type::kBroadcast));
  record.next = 44;
  const std::string file =
      encode({1, 2, 3, 4, 5, true}, support::list(record_of("b", 1), std::move(record)));
  EXPECT_TRUE(file.starts_with("comet state\n\x01\0\0\0H\x29\0\0\0"s));
  const std::string token_of_b(16, '\0');
  const std::string token_of_a(16, '\xab');
  EXPECT_EQ(payloads(file),
            "H"
            "\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0"
            "\x05\0\0\0\0\0\0\0\x01"
            "I"
            "C\x01"
            "b"s +
                token_of_b +
                "\x01\0\0\0\0\0\0\0\x60\xea\0\0\0\0\0\0\0"
                "C\x01"
                "a"s +
                token_of_a +
                "\x2c\0\0\0\0\0\0\0\x02\x01\0\0\0\0\0\0\0"
                "R\x2a\0\0\0\0\0\0\0"
                "D\x02\0\0\0hi"
                "B\x03\0\0\0"
                "all"
                "F"
                "\x02\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0"s);
}

TEST(StateEncoder, ABroadcastIsWrittenOnceForAllChannels) {
  const std::string content(10'000, 'x');
  const MessageRef broadcast = message_of(content, Message::Type::kBroadcast);
  std::vector<ChannelRecord> records;
  for (int i = 0; i < 100; ++i) {
    records.push_back(record_of("c" + std::to_string(i), 2));
    records.back().runs.emplace_back(1);
    records.back().runs.back().append(broadcast);
  }
  const std::string file = encode({}, records);
  EXPECT_LT(file.size(), 2 * content.size());
  const support::Decoded decoded = support::decode(file);
  EXPECT_EQ(describe(decoded.records), describe(records));
  EXPECT_EQ(&*decoded.records[0].runs[0].at(1), &*decoded.records[99].runs[0].at(1))
      << "and is one message again";
}

TEST(StateEncoder, BlocksAreHandedOverAsTheyFill) {
  std::size_t largest = 0;
  StateEncoder encoder({},
                       [&](std::string_view bytes) { largest = std::max(largest, bytes.size()); });
  ChannelRecord record = record_of("a", 1001);
  record.runs.emplace_back(1);
  for (int i = 0; i < 1000; ++i) record.runs.back().append(message_of(std::string(4000, 'x')));
  encoder.add(record);
  EXPECT_GT(largest, 0u);
  EXPECT_LT(largest, 300'000u);
  encoder.finish();
  EXPECT_EQ(encoder.written(), (StateFooter{1, 1000}));
}

}  // namespace
}  // namespace comet
