// Is a person looking?
#pragma once

#include <cstdio>

namespace reactor {

// Is the stream a terminal (isatty(3))?
bool is_terminal(std::FILE* stream);

}  // namespace reactor
