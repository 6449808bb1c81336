#include "reactor/heap.h"

#include <malloc.h>

namespace reactor {

// What it answers is no matter: it is advice, and a sanitizer's allocator knows none.
void keep_large_blocks_apart() { mallopt(M_MMAP_THRESHOLD, int{kLargeBlockBytes}); }

}  // namespace reactor
