#include "http/date.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <ctime>
#include <limits>
#include <random>
#include <string>
#include <utility>

namespace http {
namespace {

std::string format(std::int64_t unix_seconds) {
  char out[kImfFixdateBytes];
  format_imf_fixdate(unix_seconds, out);
  return {out, sizeof out};
}

TEST(Date, FormatsKnownMoments) {
  const std::pair<std::int64_t, const char*> cases[] = {
      {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
      {86399, "Thu, 01 Jan 1970 23:59:59 GMT"},
      {86400, "Fri, 02 Jan 1970 00:00:00 GMT"},
      {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},  // the example of RFC 9110 5.6.7
      {951782399, "Mon, 28 Feb 2000 23:59:59 GMT"},
      {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
      {951868800, "Wed, 01 Mar 2000 00:00:00 GMT"},
      {978307199, "Sun, 31 Dec 2000 23:59:59 GMT"},
      {978307200, "Mon, 01 Jan 2001 00:00:00 GMT"},
      {2147483648, "Tue, 19 Jan 2038 03:14:08 GMT"},
      {4107542399, "Sun, 28 Feb 2100 23:59:59 GMT"},
      {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"},
      {253402300799, "Fri, 31 Dec 9999 23:59:59 GMT"},
  };
  for (const auto& [seconds, text] : cases) EXPECT_EQ(format(seconds), text);
}

TEST(Date, StaysWithinWhatTheFormatCanSay) {
  EXPECT_EQ(format(-1), format(0));
  EXPECT_EQ(format(std::numeric_limits<std::int64_t>::min()), format(0));
  EXPECT_EQ(format(253402300800), format(253402300799));
  EXPECT_EQ(format(std::numeric_limits<std::int64_t>::max()), format(253402300799));
}

std::string format_with_libc(std::int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char out[64];
  const std::size_t size = std::strftime(out, sizeof out, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {out, size};
}

TEST(Date, AgreesWithLibcOnEveryDayOfACycleOfLeapYears) {
  constexpr std::int64_t kDay = 86400;
  for (std::int64_t day = 0; day < 146097 + 366; ++day) {
    const std::int64_t seconds = day * kDay + day * 37 % kDay;
    ASSERT_EQ(format(seconds), format_with_libc(seconds)) << seconds;
  }
}

TEST(Date, AgreesWithLibcFarInTheFuture) {
  std::mt19937_64 random(3);
  std::uniform_int_distribution<std::int64_t> seconds(0, 253402300799);
  for (int round = 0; round < 20000; ++round) {
    const std::int64_t moment = seconds(random);
    ASSERT_EQ(format(moment), format_with_libc(moment)) << moment;
  }
}

}  // namespace
}  // namespace http
