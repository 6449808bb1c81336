// What comet-server was asked to do: the options and arguments of its command line.
//
// Read once by main.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "comet/config_source.h"
#include "comet/doctor_command.h"
#include "comet/state_use.h"

namespace comet {

struct CommandLine {
  enum class Task : std::uint8_t {
    kServe,
    kCheck,        // only look whether the configuration is right
    kPrintConfig,  // only print what is in effect
    kDoctor,       // only tell whether this machine is large enough
  };

  Task task = Task::kServe;
  ConfigSource source;
  StateUse state_use = StateUse::kRestore;
  DoctorRequest doctor;
};

// The command line wanted no more than a text (--help, --version), or was wrong.
struct Farewell {
  int status = 0;  // of the process
  std::string text;
};

// `arguments` without the program's name.
std::variant<CommandLine, Farewell> parse_command_line(std::vector<std::string> arguments);

}  // namespace comet
