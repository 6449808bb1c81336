// What comet-server was asked to do: the options and arguments of its command line.
//
// Read once by main. One table of options drives parsing, --help and the manual page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "comet/config_source.h"
#include "comet/doctor_command.h"
#include "comet/state_use.h"

namespace comet {

struct CommandLine {
  enum class Task : std::uint8_t {
    kServe,
    kCheck,         // only look whether the configuration is right
    kPrintConfig,   // only print what is in effect
    kDoctor,        // only tell whether this machine is large enough
    kImportIcomet,  // only print what an iComet configuration would be here
  };

  Task task = Task::kServe;
  ConfigSource source;
  StateUse state_use = StateUse::kRestore;
  DoctorRequest doctor;
  std::string icomet_path;  // of the file to import
};

// The command line wanted no more than a text (--help, --version), or was wrong.
struct Farewell {
  int status = 0;  // of the process
  std::string text;
};

// `arguments` without the program's name.
std::variant<CommandLine, Farewell> parse_command_line(std::vector<std::string> arguments);

// What --help says of an option.
struct CommandOption {
  std::string_view names;     // "--config", "-h,--help"
  std::string_view argument;  // "FILE", "[N]"; empty: none
  std::string_view sentence;  // without capital letter and full stop
};

// All of them, in the order of --help.
std::vector<CommandOption> command_options();

}  // namespace comet
