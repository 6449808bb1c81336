#include "reactor/fd.h"

#include <unistd.h>

namespace reactor {

void Fd::reset() {
  // close(2): on Linux the descriptor is gone even when EINTR is reported; never retry.
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

}  // namespace reactor
