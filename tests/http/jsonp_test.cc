#include "http/jsonp.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace http {
namespace {

using namespace std::literals;

TEST(Jsonp, NamesMembersAndIndicesAreCallbacks) {
  for (const std::string_view callback : {"a"sv, "icomet_cb"sv, "$"sv, "jQuery1910_1399"sv,
                                          "window.parent.cb"sv, "a[0].b"sv, "_$9"sv}) {
    EXPECT_TRUE(is_callback_path(callback)) << callback;
  }
}

TEST(Jsonp, NoOtherByteIsLetIn) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.[]";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool allowed = kAllowed.find(c) != std::string_view::npos;
    EXPECT_EQ(is_callback_path({&c, 1}), allowed) << byte;
    EXPECT_EQ(is_callback_path(std::string("a") + c + "b"), allowed) << byte;
    EXPECT_EQ(is_callback_path(std::string("a") + c), allowed) << byte;
  }
}

TEST(Jsonp, ScriptsAreNoCallbacks) {
  for (const std::string_view callback : {"alert(1)//"sv, "a;b"sv, "a=b"sv, "</script>"sv, "a b"sv,
                                          "a\n"sv, "a['b']"sv, "a\0"sv, "\xc3\xa9"sv}) {
    EXPECT_FALSE(is_callback_path(callback)) << callback;
  }
}

TEST(Jsonp, TheLengthIsLimited) {
  EXPECT_FALSE(is_callback_path(""));
  EXPECT_TRUE(is_callback_path(std::string(127, 'a')));
  EXPECT_TRUE(is_callback_path(std::string(128, 'a')));
  EXPECT_FALSE(is_callback_path(std::string(129, 'a')));
}

}  // namespace
}  // namespace http
