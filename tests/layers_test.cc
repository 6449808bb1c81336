// Reads the #include lines of the sources: what each layer may see, and that the tests and the code
// map have the names of what they speak of.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

struct Include {
  std::string file;
  int line = 0;
  std::string name;
  bool quoted = false;
};

// The name between the marks of an #include line.
std::optional<Include> parse_include(std::string_view line) {
  const auto skip_blanks = [&] {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  };
  skip_blanks();
  if (!line.starts_with('#')) return std::nullopt;
  line.remove_prefix(1);
  skip_blanks();
  constexpr std::string_view kWord = "include";
  if (!line.starts_with(kWord)) return std::nullopt;
  line.remove_prefix(kWord.size());
  skip_blanks();
  if (line.empty() || (line[0] != '"' && line[0] != '<')) return std::nullopt;
  const bool quoted = line[0] == '"';
  const std::size_t end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{"", 0, std::string(line.substr(1, end - 1)), quoted};
}

std::vector<Include> includes_of(const std::string& folder) {
  std::vector<Include> includes;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(COMET_SOURCE_DIR) / folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".h" && extension != ".cc") continue;
    std::ifstream in(entry.path());
    std::string text;
    for (int line = 1; std::getline(in, text); ++line) {
      auto include = parse_include(text);
      if (!include) continue;
      include->file = fs::relative(entry.path(), COMET_SOURCE_DIR).string();
      include->line = line;
      includes.push_back(std::move(*include));
    }
  }
  return includes;
}

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](auto prefix) { return name.starts_with(prefix); });
}

bool is_of_system(const Include& include) {
  return starts_with_any(include.name,
                         {"sys/", "netinet/", "arpa/", "linux/", "unistd.h", "signal.h", "csignal",
                          "fcntl.h", "poll.h", "pthread.h", "sched.h", "netdb.h"});
}

bool is_of_llhttp(const Include& include) {
  return include.name.find("llhttp") != std::string::npos;
}

// Why the layer may not have this line, or nothing.
std::optional<std::string> breach(std::string_view layer, const Include& include) {
  const std::string& name = include.name;
  if (layer != "reactor" && is_of_system(include)) return "only reactor/ sees the system's headers";
  if (layer != "http" && is_of_llhttp(include)) return "only http/ sees llhttp";
  if (!include.quoted) return std::nullopt;
  if (is_of_llhttp(include)) return std::nullopt;
  if (layer == "reactor" && !starts_with_any(name, {"reactor/"})) {
    return "reactor/ includes only reactor/";
  }
  if (layer == "http" && !starts_with_any(name, {"http/"}) && name != "reactor/result.h" &&
      name != "reactor/check.h") {
    return "http/ includes only http/, reactor/result.h and reactor/check.h";
  }
  if (layer == "comet" && !starts_with_any(name, {"comet/", "http/", "reactor/"})) {
    return "comet/ includes only comet/, http/ and reactor/";
  }
  return std::nullopt;
}

TEST(Layers, EachIncludesOnlyWhatItMay) {
  for (const std::string layer : {"reactor", "http", "comet"}) {
    const auto includes = includes_of(layer);
    EXPECT_FALSE(includes.empty()) << layer;
    for (const Include& include : includes) {
      if (const auto why = breach(layer, include)) {
        ADD_FAILURE() << include.file << ":" << include.line << ": includes " << include.name
                      << ", but " << *why;
      }
    }
  }
}

TEST(Layers, ABreachIsSeen) {
  const auto seen = [](std::string_view layer, std::string_view line) {
    const auto include = parse_include(line);
    return include && breach(layer, *include).has_value();
  };
  EXPECT_TRUE(seen("reactor", "#include \"http/query.h\""));
  EXPECT_TRUE(seen("reactor", "  #  include \"comet/hub.h\""));
  EXPECT_TRUE(seen("reactor", "#include <llhttp.h>"));
  EXPECT_FALSE(seen("reactor", "#include <sys/epoll.h>"));
  EXPECT_TRUE(seen("http", "#include \"reactor/loop.h\""));
  EXPECT_FALSE(seen("http", "#include \"reactor/result.h\""));
  EXPECT_FALSE(seen("http", "#include <llhttp.h>"));
  EXPECT_TRUE(seen("http", "#include <sys/socket.h>"));
  EXPECT_TRUE(seen("comet", "#include <unistd.h>"));
  EXPECT_TRUE(seen("comet", "#include \"hub.h\""));
  EXPECT_TRUE(seen("comet", "#include \"tests/support/client.h\""));
  EXPECT_FALSE(seen("comet", "#include \"reactor/loop.h\""));
  EXPECT_FALSE(seen("comet", "// #include <unistd.h>"));
}

TEST(Layers, EveryHeaderIsIncludedOnceAndOpensWithAComment) {
  for (const std::string layer : {"reactor", "http", "comet"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(COMET_SOURCE_DIR) / layer)) {
      if (entry.path().extension() != ".h") continue;
      std::ifstream in(entry.path());
      std::string line;
      std::getline(in, line);
      EXPECT_TRUE(line.starts_with("//")) << entry.path() << " should say what it is";
      while (line.starts_with("//") && std::getline(in, line)) {
      }
      EXPECT_EQ(line, "#pragma once") << entry.path();
    }
  }
}

// "hub_channels" is a part of what "hub" does.
bool is_unit_or_part(const fs::path& layer, std::string_view name) {
  for (;;) {
    const fs::path source = layer / name;
    if (fs::exists(source.string() + ".h") || fs::exists(source.string() + ".cc")) return true;
    const std::size_t part = name.rfind('_');
    if (part == std::string_view::npos) return false;
    name = name.substr(0, part);
  }
}

TEST(Layers, EveryUnitTestHasTheNameOfAUnitOrBeginsWithIt) {
  const fs::path root(COMET_SOURCE_DIR);
  constexpr std::string_view kSuffix = "_test.cc";
  for (const std::string layer : {"reactor", "http", "comet"}) {
    if (!fs::exists(root / "tests" / layer)) continue;
    for (const auto& entry : fs::directory_iterator(root / "tests" / layer)) {
      std::string name = entry.path().filename().string();
      if (!name.ends_with(kSuffix)) continue;
      name.resize(name.size() - kSuffix.size());
      EXPECT_TRUE(is_unit_or_part(root / layer, name)) << entry.path();
    }
  }
}

std::string code_map() {
  std::ifstream in(fs::path(COMET_SOURCE_DIR) / "ARCHITECTURE.md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::size_t begin = text.find("\n## Code map\n");
  return text.substr(begin, text.find("\n## ", begin + 1) - begin);
}

// `audiences_bundles`, or `audiences` and its (`_bundles`).
bool is_on(std::string_view map, const std::string& unit) {
  const auto has = [map](const std::string& name) {
    return map.find("`" + name + "`") != std::string_view::npos;
  };
  if (has(unit)) return true;
  for (std::size_t part = unit.find('_'); part != std::string::npos;
       part = unit.find('_', part + 1)) {
    if (has(unit.substr(0, part)) && has(unit.substr(part))) return true;
  }
  return false;
}

TEST(Layers, TheCodeMapNamesEveryUnitAndNoneThatIsNotThere) {
  const std::string map = code_map();
  std::vector<std::string> units;
  for (const std::string layer : {"reactor", "http", "comet"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(COMET_SOURCE_DIR) / layer)) {
      if (entry.is_directory()) continue;
      units.push_back(entry.path().stem().string());
      EXPECT_TRUE(is_on(map, units.back())) << entry.path();
    }
  }
  // Of the tables' first columns: what stands beside them speaks of other things, too.
  std::istringstream lines(map);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    std::istringstream names(line.substr(0, line.find(" | ")));
    std::string name;
    std::getline(names, name, '`');
    while (std::getline(names, name, '`')) {
      const bool is_part = name.starts_with('_');
      const bool is_folder = name.ends_with('/');
      const bool known = is_folder ? fs::exists(fs::path(COMET_SOURCE_DIR) / name) ||
                                         fs::exists(fs::path(COMET_SOURCE_DIR) / "comet" / name)
                                   : std::ranges::any_of(units, [&](const std::string& unit) {
                                       return is_part ? unit.ends_with(name) : unit == name;
                                     });
      EXPECT_TRUE(known) << name;
      std::getline(names, name, '`');
    }
  }
}

}  // namespace
