// comet-server: does what the command line asks for. Whatever an operator got wrong is one sentence
// on stderr and the exit status 1, before any core starts.
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "comet/command_line.h"
#include "comet/config_pages.h"
#include "comet/doctor_command.h"
#include "comet/icomet_import.h"
#include "comet/lifecycle.h"
#include "comet/text_file.h"
#include "reactor/environment.h"
#include "reactor/heap.h"

namespace {

constexpr int kSuccess = 0;
constexpr int kFailure = 1;

int fail(std::string_view sentence) {
  fmt::print(stderr, "comet-server: {}\n", sentence);
  return kFailure;
}

int check(const comet::CommandLine& line) {
  const auto config = line.source.read();
  return config ? kSuccess : fail(config.error());
}

int print_config(const comet::CommandLine& line) {
  const auto config = line.source.read();
  if (!config) return fail(config.error());
  fmt::print("{}", comet::render_effective_config(*config));
  return kSuccess;
}

int doctor(const comet::CommandLine& line) {
  const auto config = line.source.read();
  if (!config) return fail(config.error());
  const comet::DoctorAnswer answer = comet::consult(line.doctor, config->config);
  fmt::print("{}", answer.text);
  return answer.can_hold ? kSuccess : kFailure;
}

int import_icomet(const comet::CommandLine& line) {
  const auto text = comet::read_text_file(line.icomet_path);
  if (!text) return fail(text.error());
  const auto toml = comet::import_icomet(*text, line.icomet_path);
  if (!toml) return fail(toml.error());
  fmt::print("{}", *toml);
  return kSuccess;
}

int serve(comet::CommandLine line) {
  reactor::keep_large_blocks_apart();
  auto life = comet::Lifecycle::start(std::move(line.source), line.state_use);
  if (!life) return fail(life.error());
  fmt::print("{}\n", (*life)->announcement());
  std::fflush(stdout);
  (*life)->run();
  return kSuccess;
}

int run(std::vector<std::string> arguments) {
  auto parsed = comet::parse_command_line(std::move(arguments));
  if (const auto* farewell = std::get_if<comet::Farewell>(&parsed)) {
    fmt::print(farewell->status == kSuccess ? stdout : stderr, "{}", farewell->text);
    return farewell->status;
  }
  auto& line = std::get<comet::CommandLine>(parsed);
  line.source.environment = reactor::environment();
  switch (line.task) {
    case comet::CommandLine::Task::kCheck:
      return check(line);
    case comet::CommandLine::Task::kPrintConfig:
      return print_config(line);
    case comet::CommandLine::Task::kDoctor:
      return doctor(line);
    case comet::CommandLine::Task::kImportIcomet:
      return import_icomet(line);
    case comet::CommandLine::Task::kServe:
      break;
  }
  return serve(std::move(line));
}

}  // namespace

int main(int argc, char** argv) try {
  return run({argv + 1, argv + argc});
} catch (const std::exception& unexpected) {
  return fail(unexpected.what());
}
