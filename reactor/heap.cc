#include "reactor/heap.h"

#include <malloc.h>

#include "reactor/check.h"

namespace reactor {

void keep_large_blocks_apart() { CHECK(mallopt(M_MMAP_THRESHOLD, int{kLargeBlockBytes}) == 1); }

}  // namespace reactor
