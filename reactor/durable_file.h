// A file that is replaced as a whole, or not at all, whatever happens meanwhile.
//
// Owned by who writes it; one thread, and not a reactor's: disks are waited for. What is written
// goes to another name beside it. Only commit() gives it the real name, once all of it is on the
// disk: until then, and after any error, the old file stays. Errors are ends of sentences that
// begin with the path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "reactor/fd.h"
#include "reactor/result.h"

namespace reactor {

class DurableFile {
 public:
  // Readable by its owner only.
  static Result<DurableFile> create(const std::string& path);

  DurableFile(DurableFile&&) = default;
  DurableFile& operator=(DurableFile&&) = delete;
  ~DurableFile();  // what was not committed is removed

  std::optional<Error> append(std::string_view bytes);
  // Waits until what was appended is on the disk. Now and then, so that commit() has little left.
  std::optional<Error> sync();
  std::optional<Error> commit();

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  DurableFile(std::string path, std::string beside, Fd fd)
      : path_(std::move(path)), beside_(std::move(beside)), fd_(std::move(fd)) {}

  std::string path_;
  std::string beside_;
  Fd fd_;  // none: committed, or moved from
  std::uint64_t bytes_ = 0;
};

// Gives a file another name, durably; a file of that name is not replaced.
std::optional<Error> rename_durably(const std::string& from, const std::string& to);

}  // namespace reactor
