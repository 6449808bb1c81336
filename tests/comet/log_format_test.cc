#include "comet/log_format.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/details/log_msg.h>

namespace comet {
namespace {

std::string formatted(std::string_view format, std::string_view message,
                      spdlog::level::level_enum level = spdlog::level::info) {
  spdlog::details::log_msg line("comet", level, {message.data(), message.size()});
  line.time = spdlog::log_clock::time_point(std::chrono::milliseconds(784'111'777'042));
  spdlog::memory_buf_t out;
  make_log_formatter(format)->format(line, out);
  return {out.data(), out.size()};
}

TEST(LogFormat, TextIsTimeLevelAndMessage) {
  EXPECT_EQ(formatted("text", "hello"), "1994-11-06T08:49:37.042Z info hello\n");
}

TEST(LogFormat, JsonIsAnObjectALine) {
  EXPECT_EQ(formatted("json", "hello", spdlog::level::critical),
            "{\"time\":\"1994-11-06T08:49:37.042Z\",\"level\":\"fatal\",\"message\":\"hello\"}\n");
  EXPECT_THAT(formatted("json", "", spdlog::level::warn),
              testing::HasSubstr("\"level\":\"warn\",\"message\":\"\"}"));
}

TEST(LogFormat, JsonIsValidWhateverIsLogged) {
  EXPECT_THAT(formatted("json", "a\"\\\n\x01é"), testing::HasSubstr(R"("a\"\\\n\u0001é")"));
  EXPECT_THAT(formatted("json", "\xff\"x"), testing::HasSubstr("\"\xef\xbf\xbd\\\"x\""));
}

TEST(LogFormat, AFormatterCanBeCloned) { EXPECT_NE(make_log_formatter("json")->clone(), nullptr); }

}  // namespace
}  // namespace comet
