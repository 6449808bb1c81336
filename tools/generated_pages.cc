#include "tools/generated_pages.h"

#include <fstream>
#include <iterator>

#include "comet/close_reason.h"
#include "comet/config_pages.h"
#include "comet/metrics.h"
#include "comet/routes.h"

namespace tools {

const std::vector<GeneratedPage>& generated_pages() {
  static const std::vector<GeneratedPage> pages{
      {"conf/comet.toml", "", comet::render_reference_config},
      {"README.md", "settings", comet::render_settings_table},
      {"README.md", "endpoints", comet::render_routes_table},
      {"docs/API.md", "endpoints", comet::render_routes_table},
      {"docs/METRICS.md", "reasons", comet::render_close_reasons_table},
      {"docs/METRICS.md", "metrics", comet::render_metrics_table},
  };
  return pages;
}

std::optional<std::string> replace_section(std::string_view page_text, std::string_view section,
                                           std::string_view body) {
  const std::string begin_mark = "<!-- generated: " + std::string(section) + " -->\n";
  const std::size_t begin = page_text.find(begin_mark);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t body_begin = begin + begin_mark.size();
  const std::size_t end = page_text.find("<!-- end -->", body_begin);
  if (end == std::string_view::npos) return std::nullopt;

  std::string out(page_text.substr(0, body_begin));
  out += body;
  if (!body.ends_with('\n')) out += '\n';
  out += page_text.substr(end);
  return out;
}

reactor::Result<std::string> read_page(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) return reactor::Error{path.string() + " can't be read"};
  return text;
}

reactor::Result<std::string> expected_text(const GeneratedPage& page,
                                           const std::filesystem::path& root) {
  if (page.section.empty()) return page.render();
  auto text = read_page(root / page.path);
  if (!text) return text;
  auto replaced = replace_section(*text, page.section, page.render());
  if (!replaced) {
    return reactor::Error{std::string(page.path) + " has no section between <!-- generated: " +
                          std::string(page.section) + " --> and <!-- end -->"};
  }
  return *std::move(replaced);
}

}  // namespace tools
