#include "tests/support/memory_disk.h"

#include <utility>

namespace support {
namespace {

using reactor::Error;

class NewMemoryFile final : public comet::StateDisk::NewFile {
 public:
  NewMemoryFile(Platter& platter, std::string path) : platter_(platter), path_(std::move(path)) {}

  std::optional<Error> append(std::string_view bytes) override {
    if (auto error = platter_.try_to_work()) return error;
    bytes_ += bytes;
    return std::nullopt;
  }
  std::optional<Error> sync() override { return platter_.try_to_work(); }
  std::optional<Error> commit() override {
    if (auto error = platter_.try_to_work()) return error;
    if (platter_.lose_commit && platter_.lose_commit(path_)) return std::nullopt;
    platter_.files[path_] = std::move(bytes_);
    return std::nullopt;
  }

 private:
  Platter& platter_;
  std::string path_;
  std::string bytes_;
};

}  // namespace

std::optional<Error> Platter::try_to_work() {
  if (!works_for) return std::nullopt;
  if (*works_for == 0) return Error{"cannot be written: No space left on device"};
  --*works_for;
  return std::nullopt;
}

reactor::Result<std::unique_ptr<comet::StateDisk::NewFile>> MemoryDisk::replace(
    const std::string& path) {
  if (auto error = platter_.try_to_work()) return *error;
  return std::unique_ptr<NewFile>(std::make_unique<NewMemoryFile>(platter_, path));
}

reactor::Result<comet::StateDisk::Found> MemoryDisk::read(const std::string& path,
                                                          const Reader& reader) {
  const auto file = platter_.files.find(path);
  if (file == platter_.files.end()) return Found::kNothing;
  if (auto complaint = reader(file->second)) return *complaint;
  return Found::kAll;
}

std::optional<Error> MemoryDisk::rename(const std::string& from, const std::string& to) {
  auto file = platter_.files.extract(from);
  if (file.empty()) return std::nullopt;
  file.key() = to;
  platter_.files.insert(std::move(file));
  return std::nullopt;
}

}  // namespace support
