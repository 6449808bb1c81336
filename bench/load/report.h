// A run's results: a table for people, JSON for programs.
#pragma once

#include <string>

#include "bench/load/options.h"
#include "bench/load/results.h"

namespace load {

std::string to_table(const Options& options, const Results& results);
std::string to_json(const Options& options, const Results& results);

}  // namespace load
