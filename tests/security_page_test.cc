// What SECURITY.md claims names tests that there are.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/support/file_bytes.h"

namespace {

const std::filesystem::path kSource = COMET_SOURCE_DIR;

std::string page() { return support::file_bytes(kSource / "SECURITY.md"); }

std::vector<std::string> tests_named_in(const std::string& text) {
  static const std::regex kTest(R"(`(tests/[\w./]+)`)");
  std::vector<std::string> names;
  for (std::sregex_iterator match(text.begin(), text.end(), kTest), end; match != end; ++match) {
    names.push_back((*match)[1]);
  }
  return names;
}

// The paragraphs of "What holds", each of which begins with what it claims.
std::vector<std::string> claims() {
  const std::string text = page();
  const std::size_t begin = text.find("\n## What holds\n");
  const std::size_t end = text.find("\n## ", begin + 1);
  std::vector<std::string> paragraphs;
  for (std::size_t at = text.find("\n\n**", begin); at < end; at = text.find("\n\n**", at + 1)) {
    paragraphs.push_back(text.substr(at + 2, text.find("\n\n", at + 2) - at - 2));
  }
  return paragraphs;
}

TEST(SecurityPage, EveryClaimNamesATest) {
  EXPECT_GE(claims().size(), 7u);
  for (const std::string& claim : claims()) EXPECT_FALSE(tests_named_in(claim).empty()) << claim;
}

TEST(SecurityPage, EveryTestThatItNamesIsThere) {
  for (const std::string& name : tests_named_in(page())) {
    EXPECT_TRUE(std::filesystem::exists(kSource / name)) << name;
  }
}

}  // namespace
