#include "http/media_type.h"

#include <gtest/gtest.h>

namespace http {
namespace {

TEST(MediaTypeTest, ParametersAndCaseDoNotMatter) {
  for (const char* text : {"application/json", "Application/JSON", "application/json;charset=utf-8",
                           "application/json \t; charset=utf-8", "application/json\t"}) {
    EXPECT_TRUE(is_media_type(text, "application/json")) << text;
  }
}

TEST(MediaTypeTest, AnythingElseIsAnotherType) {
  for (const char* text : {"", ";", " ", "application/jso", "application/jsonl", "text/json",
                           " application/json", "application/json,text/plain"}) {
    EXPECT_FALSE(is_media_type(text, "application/json")) << text;
  }
}

}  // namespace
}  // namespace http
