// The process's log: spdlog's default logger, one line for each event.
//
// Owned by main, opened before any core starts. Afterwards any core may log through spdlog's
// functions, also while the owner changes level or file, but not on the data path: a line takes a
// lock and a write. No thread is started.
#pragma once

#include <optional>

#include "comet/config.h"
#include "reactor/result.h"

namespace comet {

class Log {
 public:
  // The sentence says why the log can't be written, if it can't.
  static reactor::Result<Log> open(const Config::Logger& config);

  // Another level or output from now on. After an error everything is as it was.
  std::optional<reactor::Error> reconfigure(const Config::Logger& config);

  // Opens the file anew, because the old one was renamed. After an error the old one goes on.
  std::optional<reactor::Error> reopen() { return reconfigure(Config::Logger(config_)); }

 private:
  explicit Log(Config::Logger config);

  Config::Logger config_;
};

}  // namespace comet
