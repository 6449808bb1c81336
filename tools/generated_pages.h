// Pages and parts of pages that are written by the program, not by hand.
//
// Used by comet-docs, which writes them, and by a test, which fails when one of them is stale.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reactor/result.h"

namespace tools {

// Either a whole file (empty section) or what stands in it between
// `<!-- generated: SECTION -->` and `<!-- end -->`.
struct GeneratedPage {
  std::string_view path;  // from the project's root
  std::string_view section;
  std::string (*render)();
};

const std::vector<GeneratedPage>& generated_pages();

// `page_text` with the section's body replaced; nothing when its marks are not there.
std::optional<std::string> replace_section(std::string_view page_text, std::string_view section,
                                           std::string_view body);

// The text of `path`, or one sentence.
reactor::Result<std::string> read_page(const std::filesystem::path& path);

// The text that the page's file should have.
reactor::Result<std::string> expected_text(const GeneratedPage& page,
                                           const std::filesystem::path& root);

}  // namespace tools
