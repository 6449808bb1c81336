// The dashboard and the alert rules in conf/ ask only for metrics that exist.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace {

std::string read(const std::string& path) {
  std::ifstream in(std::filesystem::path(COMET_SOURCE_DIR) / path);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

// All that match the first group of the pattern.
std::set<std::string> names_in(const std::string& text, const char* pattern) {
  const std::regex name(pattern);
  std::set<std::string> names;
  for (std::sregex_iterator match(text.begin(), text.end(), name), end; match != end; ++match) {
    names.insert((*match)[1]);
  }
  return names;
}

// Those of a histogram are documented as one.
std::set<std::string> documented() {
  const std::string page = read("docs/METRICS.md");
  std::set<std::string> names = names_in(page, R"(\n\| `(comet_\w+)` \|)");
  for (const std::string& histogram : names_in(page, R"(\n\| `(comet_\w+)` \| histogram)")) {
    for (const char* suffix : {"_bucket", "_sum", "_count"}) names.insert(histogram + suffix);
  }
  return names;
}

class Dashboards : public testing::TestWithParam<const char*> {};

TEST_P(Dashboards, AskOnlyForMetricsThatAreDocumented) {
  const std::set<std::string> known = documented();
  ASSERT_FALSE(known.empty());
  const std::set<std::string> asked = names_in(read(GetParam()), R"(\b(comet_\w+))");
  EXPECT_GT(asked.size(), 5u);
  for (const std::string& name : asked) EXPECT_TRUE(known.contains(name)) << name;
}

INSTANTIATE_TEST_SUITE_P(Conf, Dashboards,
                         testing::Values("conf/grafana-dashboard.json",
                                         "conf/prometheus-alerts.yml"));

}  // namespace
