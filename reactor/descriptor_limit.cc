#include "reactor/descriptor_limit.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>

#include "reactor/check.h"

namespace reactor {

Result<std::size_t> raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return Error{std::string("cannot read the descriptor limit: ") + std::strerror(errno)};
  }
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      return Error{std::string("cannot raise the descriptor limit: ") + std::strerror(errno)};
    }
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

std::size_t descriptor_limit() {
  rlimit limit{};
  // Fails only for a resource that the kernel does not know.
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace reactor
