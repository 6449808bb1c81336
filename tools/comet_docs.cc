// comet-docs: prints a generated page (config, settings, endpoints), or rewrites all of them in
// the project's folder (--write FOLDER).
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "comet/config_pages.h"
#include "comet/routes.h"
#include "tools/generated_pages.h"

namespace {

int write_pages(const std::filesystem::path& root) {
  for (const tools::GeneratedPage& page : tools::generated_pages()) {
    const auto text = tools::expected_text(page, root);
    if (!text) {
      fmt::print(stderr, "comet-docs: {}\n", text.error());
      return 1;
    }
    std::ofstream out(root / page.path, std::ios::binary);
    out << *text << std::flush;
    if (!out) {
      fmt::print(stderr, "comet-docs: {} can't be written\n", page.path);
      return 1;
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Prints or rewrites the generated pages", "comet-docs");
  std::string page;
  std::string root;
  app.add_option("page", page, "page to print")
      ->check(CLI::IsMember({"config", "settings", "endpoints"}));
  app.add_option("--write", root, "rewrite all pages in this folder");
  CLI11_PARSE(app, argc, argv);

  if (!root.empty()) return write_pages(root);
  if (page == "config") {
    fmt::print("{}", comet::render_reference_config());
  } else if (page == "settings") {
    fmt::print("{}", comet::render_settings_table());
  } else if (page == "endpoints") {
    fmt::print("{}", comet::render_routes_table());
  } else {
    fmt::print("{}", app.help());
  }
  return 0;
}
