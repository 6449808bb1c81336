// Reads the headers and the benchmarks: what a header calls HOT is measured, under its name.
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/file_bytes.h"

namespace {

namespace fs = std::filesystem;

const fs::path kRoot(COMET_SOURCE_DIR);
constexpr const char* kLayers[] = {"reactor", "http", "comet"};

bool promises_its_cost(const std::string& header) {
  static const std::regex hot(R"(//[^\n]*\bHOT\b)");
  return std::regex_search(header, hot);
}

fs::path bench_of(const fs::path& header) {
  return kRoot / "bench" / header.parent_path().filename() / (header.stem().string() + "_bench.cc");
}

// The names of what a file hands to BENCHMARK().
std::vector<std::string> benchmarks_in(const std::string& source) {
  static const std::regex registered(R"(\nBENCHMARK\((\w+)\))");
  std::vector<std::string> names;
  const std::sregex_iterator end;
  for (std::sregex_iterator at(source.begin(), source.end(), registered); at != end; ++at) {
    names.push_back((*at)[1]);
  }
  return names;
}

TEST(Bench, EveryHeaderThatSaysHotHasABenchmarkOfItsName) {
  std::size_t hot = 0;
  for (const char* layer : kLayers) {
    for (const auto& entry : fs::directory_iterator(kRoot / layer)) {
      if (entry.path().extension() != ".h" || !promises_its_cost(support::file_bytes(entry.path())))
        continue;
      ++hot;
      const fs::path bench = bench_of(entry.path());
      EXPECT_TRUE(fs::exists(bench)) << entry.path() << " says HOT, but there is no " << bench;
    }
  }
  EXPECT_GT(hot, 0u);
}

TEST(Bench, EveryBenchmarkIsNamedAfterItsUnit) {
  for (const char* layer : kLayers) {
    for (const auto& entry : fs::directory_iterator(kRoot / "bench" / layer)) {
      std::string unit = entry.path().stem().string();
      ASSERT_TRUE(unit.ends_with("_bench")) << entry.path();
      unit.resize(unit.size() - std::string("_bench").size());
      EXPECT_TRUE(fs::exists(kRoot / layer / (unit + ".h"))) << entry.path();
      const std::vector<std::string> names = benchmarks_in(support::file_bytes(entry.path()));
      EXPECT_FALSE(names.empty()) << entry.path() << " measures nothing";
      for (const std::string& name : names) {
        EXPECT_TRUE(name.starts_with(unit + "_")) << entry.path() << ": " << name;
      }
    }
  }
}

TEST(Bench, OnlyCommentsCanSayHot) {
  EXPECT_TRUE(promises_its_cost("// HOT. Constant time.\nvoid f();\n"));
  EXPECT_TRUE(promises_its_cost("int x;\n  // Consumer. HOT. The oldest element.\n"));
  EXPECT_FALSE(promises_its_cost("constexpr int HOT = 1;\n"));
  EXPECT_FALSE(promises_its_cost("// A SHOT in the dark.\n"));
}

}  // namespace
