#include "http/websocket_close.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace http {
namespace {

using namespace std::literals;

std::string close_frame(CloseCode code, std::string_view reason) {
  std::string out;
  append_close_frame(out, code, reason);
  return out;
}

TEST(WebsocketClose, FramesAreGolden) {
  EXPECT_EQ(close_frame(CloseCode::kNormal, ""), "\x88\x02\x03\xe8"sv);
  EXPECT_EQ(close_frame(CloseCode::kGoingAway, "bye"), "\x88\x05\x03\xe9\x62\x79\x65"sv);
  EXPECT_EQ(close_frame(CloseCode::kNoStatus, ""), "\x88\x00"sv);
  const std::string longest(123, 'x');
  EXPECT_EQ(close_frame(CloseCode::kTooBig, longest), "\x88\x7d\x03\xf1" + longest);
}

TEST(WebsocketClose, KnowsWhichCodesAPeerMaySend) {
  constexpr std::uint16_t kValid[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009,
                                      1010, 1011, 1012, 1013, 1014, 3000, 4999};
  for (const std::uint16_t code : kValid) EXPECT_TRUE(is_valid_close_code(code)) << code;
  constexpr std::uint16_t kInvalid[] = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535};
  for (const std::uint16_t code : kInvalid) EXPECT_FALSE(is_valid_close_code(code)) << code;
}

}  // namespace
}  // namespace http
