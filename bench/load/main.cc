// comet-load: loads a push server, checks what arrives, and measures. See --help.
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "bench/load/options.h"
#include "bench/load/report.h"
#include "bench/load/run.h"
#include "reactor/descriptor_limit.h"

namespace {

constexpr int kFaultless = 0;
constexpr int kFaults = 1;
constexpr int kTrouble = 2;

int fail(std::string_view sentence) {
  fmt::print(stderr, "comet-load: {}\n", sentence);
  return kTrouble;
}

int load_and_report(const load::Options& options) {
  const auto descriptors = reactor::raise_descriptor_limit();
  if (!descriptors) return fail(descriptors.error());
  const auto results = load::Run(options, *descriptors).go();
  if (!results) return fail(results.error());
  if (!options.quiet) fmt::print("{}", load::to_table(options, *results));
  if (!options.json_path.empty()) {
    std::ofstream out(options.json_path);
    out << load::to_json(options, *results) << std::flush;
    if (!out) return fail("cannot write " + options.json_path);
  }
  return results->publish && !results->publish->faultless() ? kFaults : kFaultless;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto parsed = load::parse_options(std::vector<std::string>(argv, argv + argc));
  if (const auto* farewell = std::get_if<load::Farewell>(&parsed)) {
    fmt::print(farewell->status == 0 ? stdout : stderr, "{}", farewell->text);
    return farewell->status;
  }
  return load_and_report(std::get<load::Options>(parsed));
} catch (const std::exception& unexpected) {
  return fail(unexpected.what());
}
