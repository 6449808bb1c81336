#include "http/chunk.h"

#include <charconv>

#include "reactor/check.h"

namespace http {

void append_chunk_head(std::string& out, std::size_t size) {
  DCHECK(size != 0);
  char head[18];
  char* const end = std::to_chars(head, head + 16, size, 16).ptr;
  end[0] = '\r';
  end[1] = '\n';
  out.append(head, end + 2);
}

}  // namespace http
