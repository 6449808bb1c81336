// A state's files in memory: what a crash leaves is what was committed.
//
// The platter is a test's and outlives the servers that use it, one after the other, through a disk
// each. It fails when a test says so.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "comet/state_disk.h"

namespace support {

struct Platter {
  std::map<std::string, std::string> files;
  // So many operations still succeed, and then none; none: all do.
  std::optional<std::size_t> works_for;
  // A fault for a test to plant: what is committed there gets lost, and nobody is told.
  std::function<bool(const std::string& path)> lose_commit;

  // Every operation asks.
  std::optional<reactor::Error> try_to_work();
};

class MemoryDisk final : public comet::StateDisk {
 public:
  explicit MemoryDisk(Platter& platter) : platter_(platter) {}

  reactor::Result<std::unique_ptr<NewFile>> replace(const std::string& path) override;
  reactor::Result<Found> read(const std::string& path, const Reader& reader) override;
  std::optional<reactor::Error> rename(const std::string& from, const std::string& to) override;

 private:
  Platter& platter_;
};

}  // namespace support
