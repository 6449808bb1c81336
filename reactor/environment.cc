#include "reactor/environment.h"

#include <stdlib.h>
#include <unistd.h>

#include <charconv>

namespace reactor {

std::vector<std::string> environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  return variables;
}

std::string take_variable(const char* name) {
  const char* value = ::getenv(name);
  std::string taken = value == nullptr ? "" : value;
  ::unsetenv(name);
  return taken;
}

std::optional<std::int64_t> parse_number(const std::string& value) {
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [parsed_to, error] = std::from_chars(value.data(), end, number);
  if (value.empty() || error != std::errc{} || parsed_to != end) return std::nullopt;
  return number;
}

}  // namespace reactor
