// The process's environment (environ(7)).
//
// Main's, before any thread starts: nothing guards it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reactor {

// A copy, "NAME=VALUE" each.
std::vector<std::string> environment();

// A variable's value, which no child of this process sees any more; "" if there is none.
std::string take_variable(const char* name);

// Of a variable's value, if it is one and nothing else.
std::optional<std::int64_t> parse_number(const std::string& value);

}  // namespace reactor
