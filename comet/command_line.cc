#include "comet/command_line.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "comet/version.h"

namespace comet {

std::variant<CommandLine, Farewell> parse_command_line(std::vector<std::string> arguments) {
  CommandLine line;
  bool check = false;
  bool print_config = false;
  bool json = false;
  bool ignore_state = false;
  CLI::App app("Pushes messages to many browsers and apps over HTTP", "comet-server");
  app.add_option("--config", line.source.path, "configuration file; the defaults without it")
      ->type_name("FILE");
  app.add_option("--set", line.source.overrides, "overrides a setting; may be repeated")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  app.add_flag("--check", check,
               "only looks whether the configuration is right; says nothing if it is");
  app.add_flag("--print-config", print_config,
               "only prints every setting in effect, and where its value comes from");
  app.add_flag("--ignore-state", ignore_state,
               "begins without the state of state_file, which is kept under another name");
  CLI::Option* const doctor =
      app.add_option(
             "--doctor", line.doctor.subscribers,
             "only tells whether this machine can hold N subscribers; exit status 1 if something "
             "is in the way")
          ->type_name("[N]")
          ->default_str(fmt::to_string(DoctorRequest::kDefaultSubscribers))
          ->expected(0, 1)
          ->check(CLI::Range(std::uint64_t{1}, DoctorRequest::kMostSubscribers));
  app.add_flag("--json", json, "with --doctor: answers in JSON")->needs(doctor);
  app.set_version_flag("--version", fmt::format("comet-server {}", kVersion));
  try {
    std::ranges::reverse(arguments);  // CLI11 takes them from the back
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return Farewell{0, app.help()};
  } catch (const CLI::CallForVersion& wish) {
    return Farewell{0, std::string(wish.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    return Farewell{1, fmt::format("comet-server: {}\n", error.what())};
  }
  if (ignore_state) line.state_use = StateUse::kPutAside;
  if (doctor->count() > 0) line.task = CommandLine::Task::kDoctor;
  if (json) line.doctor.format = DoctorRequest::Format::kJson;
  if (print_config) line.task = CommandLine::Task::kPrintConfig;
  if (check) line.task = CommandLine::Task::kCheck;
  return line;
}

}  // namespace comet
