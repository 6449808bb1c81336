#include "reactor/terminal.h"

#include <unistd.h>

namespace reactor {

bool is_terminal(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1; }

}  // namespace reactor
