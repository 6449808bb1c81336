#include "reactor/process.h"

#include <unistd.h>

namespace reactor {

std::int64_t process_id() { return ::getpid(); }

}  // namespace reactor
