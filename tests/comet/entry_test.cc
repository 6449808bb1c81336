#include "comet/entry.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace comet {
namespace {

// Pages of other origins may read it.
std::string retry_after(const std::string& seconds) {
  return "Retry-After: " + seconds + "\r\nAccess-Control-Expose-Headers: Retry-After\r\n";
}

TEST(Entry, WhoIsTooManyIsToldWhenToComeBack) {
  struct Case {
    Entry entry;
    int status;
    CloseReason reason;
  };
  for (const Case& expected : {Case{Entry::kServerFull, 503, CloseReason::kServerFull},
                               Case{Entry::kAddressFull, 429, CloseReason::kAddressFull},
                               Case{Entry::kNoDescriptors, 503, CloseReason::kNoResources}}) {
    const Reply reply = refusal_of(expected.entry, 0);
    EXPECT_EQ(reply.status, expected.status);
    EXPECT_EQ(reply.headers, retry_after("5"));
    EXPECT_TRUE(reply.close);
    EXPECT_EQ(reply.body.find('\n'), reply.body.size() - 1);
    EXPECT_EQ(reason_of(expected.entry), expected.reason);
  }
}

TEST(Entry, ThoseWhoComeBackAreSpread) {
  std::set<std::string> times;
  for (std::uint32_t turn = 0; turn < 100; ++turn) {
    times.insert(refusal_of(Entry::kServerFull, turn).headers);
  }
  EXPECT_EQ(times.size(), 11u);
  EXPECT_EQ(refusal_of(Entry::kServerFull, 10).headers, retry_after("15"));
}

}  // namespace
}  // namespace comet
