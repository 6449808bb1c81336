#include "reactor/fd.h"

#include <fcntl.h>
#include <unistd.h>

namespace reactor {

void Fd::reset() {
  // close(2): on Linux the descriptor is gone even when EINTR is reported; never retry.
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

Fd Fd::duplicate() const { return Fd(::fcntl(number_, F_DUPFD_CLOEXEC, 0)); }

}  // namespace reactor
