// Sets up the process's log: spdlog's default logger, one line of text for each event.
//
// Called by main before any core starts. Afterwards any core may log through spdlog's functions,
// but not on the data path: a line takes a lock and a write. No thread is started.
#pragma once

#include <optional>

#include "comet/config.h"
#include "reactor/result.h"

namespace comet {

// The sentence that says why the log can't be written, if it can't.
std::optional<reactor::Error> set_up_log(const Config::Logger& config);

}  // namespace comet
