// The ledger of numbers: its bytes, and where a start goes on.
#include "comet/number_ledger.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

constexpr NumberLedger kLedger{0x1122334455667788, 65537, 9};

TEST(NumberLedger, ItsBytesAreAsTheyAlwaysWere) {
  using namespace std::string_literals;
  EXPECT_EQ(kLedger.encode(),
            "comet numbers\n"
            "\x01\0\0\0"
            "\x88\x77\x66\x55\x44\x33\x22\x11"
            "\x01\0\x01\0\0\0\0\0"
            "\x09\0\0\0\0\0\0\0"s +
                kLedger.encode().substr(42));
  EXPECT_EQ(kLedger.encode().size(), 46u);
}

TEST(NumberLedger, IsReadAsItWasWritten) {
  const auto ledger = NumberLedger::decode(kLedger.encode());
  ASSERT_TRUE(ledger.ok()) << ledger.error();
  EXPECT_EQ(*ledger, kLedger);
}

TEST(NumberLedger, CutShortItIsRefused) {
  const std::string bytes = kLedger.encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(NumberLedger::decode(bytes.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(NumberLedger::decode(bytes + '\0').ok());
}

TEST(NumberLedger, WithAnyBitFlippedItIsRefused) {
  for (std::size_t at = 0; at < kLedger.encode().size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = kLedger.encode();
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      EXPECT_FALSE(NumberLedger::decode(bytes).ok()) << at;
    }
  }
}

TEST(NumberLedger, RefusalsSayWhatIsWrong) {
  EXPECT_EQ(NumberLedger::decode("hello").error(), "is not a ledger of numbers of comet");
  std::string bytes = kLedger.encode();
  EXPECT_EQ(NumberLedger::decode(bytes.substr(0, 40)).error(), "is cut short");
  bytes[20] = '!';
  EXPECT_EQ(NumberLedger::decode(bytes).error(), "is damaged");
  bytes[14] = 2;
  EXPECT_EQ(NumberLedger::decode(bytes).error(),
            "has format version 2, and this server reads version 1");
}

StateHeader header(std::uint64_t id, bool complete) {
  return {kLedger.lineage, id, 7, 65537, 0, complete};
}

TEST(Numbering, GoesOnExactlyAfterACompleteSnapshot) {
  EXPECT_EQ(*numbering_after(kLedger, header(9, true)), (Numbering{7, false}));
}

TEST(Numbering, GoesOnAtTheCeilingAfterAnyOther) {
  const Numbering behind_ceiling{65538, true};
  EXPECT_EQ(*numbering_after(kLedger, header(8, true)), behind_ceiling) << "of an earlier stop";
  EXPECT_EQ(*numbering_after(kLedger, header(9, false)), behind_ceiling);
  NumberLedger running = kLedger;
  running.complete_id = 0;
  EXPECT_EQ(*numbering_after(running, header(9, true)), behind_ceiling) << "started since";
  EXPECT_EQ(numbering_without_state(kLedger), behind_ceiling);
}

TEST(Numbering, RefusesWhatDoesNotBelongTogether) {
  StateHeader foreign = header(9, true);
  ++foreign.lineage;
  EXPECT_FALSE(numbering_after(kLedger, foreign).ok());
  StateHeader newer = header(9, true);
  newer.ceiling = 65538;
  EXPECT_FALSE(numbering_after(kLedger, newer).ok());
}

}  // namespace
}  // namespace comet
