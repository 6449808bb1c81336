// A state's files in the file system, and a lock that keeps a second server away from them.
//
// Owned by a StateStore; one thread, and not a reactor's: disks are waited for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "comet/state_disk.h"
#include "reactor/pidfile.h"
#include "reactor/result.h"

namespace comet {

class FileDisk final : public StateDisk {
 public:
  // The lock is held as long as it lives.
  static reactor::Result<std::unique_ptr<FileDisk>> lock(const std::string& path);

  reactor::Result<std::unique_ptr<NewFile>> replace(const std::string& path) override;
  reactor::Result<Found> read(const std::string& path, const Reader& reader) override;
  std::optional<reactor::Error> rename(const std::string& from, const std::string& to) override;

 private:
  explicit FileDisk(reactor::Pidfile lock) : lock_(std::move(lock)) {}

  const reactor::Pidfile lock_;
};

}  // namespace comet
