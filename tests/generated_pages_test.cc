#include "tools/generated_pages.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace tools {
namespace {

TEST(GeneratedPages, NoneOfThemIsStale) {
  const std::filesystem::path root(COMET_SOURCE_DIR);
  for (const GeneratedPage& page : generated_pages()) {
    const auto actual = read_page(root / page.path);
    ASSERT_TRUE(actual.ok()) << actual.error();
    const auto expected = expected_text(page, root);
    ASSERT_TRUE(expected.ok()) << expected.error();
    EXPECT_TRUE(*actual == *expected) << page.path << " is stale; `make docs` rewrites it";
  }
}

TEST(GeneratedPages, OnlyTheSectionIsReplaced) {
  constexpr std::string_view kPage =
      "# Title\n<!-- generated: a -->\nold\n<!-- end -->\nkept\n"
      "<!-- generated: b -->\nother\n<!-- end -->\n";
  EXPECT_EQ(replace_section(kPage, "a", "new\nlines\n"),
            "# Title\n<!-- generated: a -->\nnew\nlines\n<!-- end -->\nkept\n"
            "<!-- generated: b -->\nother\n<!-- end -->\n");
  EXPECT_EQ(replace_section(kPage, "b", "other"), kPage);
}

TEST(GeneratedPages, MissingMarksAreNoticed) {
  EXPECT_FALSE(replace_section("", "a", "x"));
  EXPECT_FALSE(replace_section("<!-- generated: b -->\n<!-- end -->\n", "a", "x"));
  EXPECT_FALSE(replace_section("<!-- end -->\n<!-- generated: a -->\n", "a", "x"));
}

}  // namespace
}  // namespace tools
