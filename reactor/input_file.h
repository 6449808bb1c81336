// A file that is read from its beginning to its end.
//
// Owned by who reads it; one thread, and not a reactor's. Errors are ends of sentences that begin
// with the path.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "reactor/fd.h"
#include "reactor/result.h"

namespace reactor {

class InputFile {
 public:
  // Nothing when there is no file of that name.
  static Result<std::optional<InputFile>> open(const std::string& path);

  // Up to `size` bytes; 0 at the end.
  Result<std::size_t> read(char* bytes, std::size_t size);

 private:
  explicit InputFile(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
};

}  // namespace reactor
