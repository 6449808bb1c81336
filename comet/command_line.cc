#include "comet/command_line.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "comet/version.h"

namespace comet {
namespace {

using Task = CommandLine::Task;

// An option, and how CLI11 learns of it; values go into the CommandLine.
struct DeclaredOption {
  CommandOption option;
  void (*declare)(CLI::App&, const CommandOption&, CommandLine&);
};

CLI::Option* add_value(CLI::App& app, const CommandOption& option, std::string& value) {
  return app.add_option(std::string(option.names), value, std::string(option.sentence))
      ->type_name(std::string(option.argument));
}

template <Task task>
void declare_task(CLI::App& app, const CommandOption& option, CommandLine& line) {
  app.add_flag_callback(
      std::string(option.names), [&line] { line.task = task; }, std::string(option.sentence));
}

void declare_config(CLI::App& app, const CommandOption& option, CommandLine& line) {
  add_value(app, option, line.source.path);
}

void declare_set(CLI::App& app, const CommandOption& option, CommandLine& line) {
  app.add_option(std::string(option.names), line.source.overrides, std::string(option.sentence))
      ->type_name(std::string(option.argument))
      ->take_all()
      ->allow_extra_args(false);
}

void declare_import(CLI::App& app, const CommandOption& option, CommandLine& line) {
  add_value(app, option, line.icomet_path)->each([&line](const std::string&) {
    line.task = Task::kImportIcomet;
  });
}

void declare_ignore_state(CLI::App& app, const CommandOption& option, CommandLine& line) {
  app.add_flag_callback(
      std::string(option.names), [&line] { line.state_use = StateUse::kPutAside; },
      std::string(option.sentence));
}

void declare_doctor(CLI::App& app, const CommandOption& option, CommandLine& line) {
  app.add_option(std::string(option.names), line.doctor.subscribers, std::string(option.sentence))
      ->type_name(std::string(option.argument))
      ->default_str(fmt::to_string(DoctorRequest::kDefaultSubscribers))
      ->expected(0, 1)
      ->check(CLI::Range(std::uint64_t{1}, DoctorRequest::kMostSubscribers));
}

void declare_json(CLI::App& app, const CommandOption& option, CommandLine& line) {
  app.add_flag_callback(
         std::string(option.names), [&line] { line.doctor.format = DoctorRequest::Format::kJson; },
         std::string(option.sentence))
      ->needs(app.get_option("--doctor"));
}

void declare_version(CLI::App& app, const CommandOption& option, CommandLine&) {
  app.set_version_flag(std::string(option.names), fmt::format("comet-server {}", kVersion),
                       std::string(option.sentence));
}

void declare_help(CLI::App& app, const CommandOption& option, CommandLine&) {
  app.set_help_flag(std::string(option.names), std::string(option.sentence));
}

constexpr std::array kOptions{
    DeclaredOption{{"--config", "FILE", "configuration file; the defaults without it"},
                   declare_config},
    DeclaredOption{{"--set", "KEY=VALUE", "overrides a setting; may be repeated"}, declare_set},
    DeclaredOption{
        {"--check", "", "only looks whether the configuration is right; says nothing if it is"},
        declare_task<Task::kCheck>},
    DeclaredOption{{"--print-config", "",
                    "only prints every setting in effect, and where its value comes from"},
                   declare_task<Task::kPrintConfig>},
    DeclaredOption{{"--ignore-state", "",
                    "begins without the state of state_file, which is kept under another name"},
                   declare_ignore_state},
    DeclaredOption{{"--import-icomet", "FILE",
                    "only prints what the configuration of an iComet server is here"},
                   declare_import},
    DeclaredOption{{"--doctor", "[N]",
                    "only tells whether this machine can hold N subscribers; exit status 1 if "
                    "something is in the way"},
                   declare_doctor},
    DeclaredOption{{"--json", "", "with --doctor: answers in JSON"}, declare_json},
    DeclaredOption{{"--version", "", "prints the version and ends"}, declare_version},
    DeclaredOption{{"-h,--help", "", "prints the options and ends"}, declare_help},
};

}  // namespace

std::variant<CommandLine, Farewell> parse_command_line(std::vector<std::string> arguments) {
  CommandLine line;
  CLI::App app("Pushes messages to many browsers and apps over HTTP", "comet-server");
  for (const auto& [option, declare] : kOptions) declare(app, option, line);
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
  if (line.task == Task::kServe && app.count("--doctor") > 0) line.task = Task::kDoctor;
  return line;
}

std::vector<CommandOption> command_options() {
  std::vector<CommandOption> options;
  std::ranges::transform(kOptions, std::back_inserter(options), &DeclaredOption::option);
  return options;
}

}  // namespace comet
