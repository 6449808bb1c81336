// Where a state's files are: the little that a StateStore asks of a file system.
//
// Owned by a store and used by its thread alone. A file is replaced as a whole or not at all,
// whatever happens meanwhile. Errors are ends of sentences that begin with the path.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reactor/result.h"

namespace comet {

class StateDisk {
 public:
  // What will stand in the place of a file. Until commit(), and after any error, the old one stays.
  class NewFile {
   public:
    virtual ~NewFile() = default;
    virtual std::optional<reactor::Error> append(std::string_view bytes) = 0;
    // Waits until what was appended is on the disk.
    virtual std::optional<reactor::Error> sync() = 0;
    virtual std::optional<reactor::Error> commit() = 0;
  };
  enum class Found : std::uint8_t { kNothing, kAll };
  // Takes the next piece; a complaint ends the reading, and is what it returns.
  using Reader = std::function<std::optional<reactor::Error>(std::string_view piece)>;

  virtual ~StateDisk() = default;
  virtual reactor::Result<std::unique_ptr<NewFile>> replace(const std::string& path) = 0;
  // The whole file, piece by piece, where there is one.
  virtual reactor::Result<Found> read(const std::string& path, const Reader& reader) = 0;
  // A file of the new name is not replaced. Where there is none of the old one, nothing is done.
  virtual std::optional<reactor::Error> rename(const std::string& from, const std::string& to) = 0;
};

}  // namespace comet
