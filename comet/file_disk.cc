#include "comet/file_disk.h"

#include <cstddef>

#include "reactor/durable_file.h"
#include "reactor/input_file.h"

namespace comet {
namespace {

using reactor::Error;
using reactor::Result;

constexpr std::size_t kReadBytes = 1 << 20;

class NewDurableFile final : public StateDisk::NewFile {
 public:
  explicit NewDurableFile(reactor::DurableFile file) : file_(std::move(file)) {}

  std::optional<Error> append(std::string_view bytes) override { return file_.append(bytes); }
  std::optional<Error> sync() override { return file_.sync(); }
  std::optional<Error> commit() override { return file_.commit(); }

 private:
  reactor::DurableFile file_;
};

}  // namespace

Result<std::unique_ptr<FileDisk>> FileDisk::lock(const std::string& path) {
  Result<reactor::Pidfile> lock = reactor::Pidfile::create(path);
  if (!lock) return Error{lock.error()};
  return std::unique_ptr<FileDisk>(new FileDisk(std::move(*lock)));
}

Result<std::unique_ptr<StateDisk::NewFile>> FileDisk::replace(const std::string& path) {
  Result<reactor::DurableFile> file = reactor::DurableFile::create(path);
  if (!file) return Error{file.error()};
  return std::unique_ptr<NewFile>(std::make_unique<NewDurableFile>(std::move(*file)));
}

Result<StateDisk::Found> FileDisk::read(const std::string& path, const Reader& reader) {
  Result<std::optional<reactor::InputFile>> file = reactor::InputFile::open(path);
  if (!file) return Error{file.error()};
  if (!*file) return Found::kNothing;
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  for (;;) {
    const Result<std::size_t> got = (*file)->read(buffer.get(), kReadBytes);
    if (!got) return Error{got.error()};
    if (*got == 0) return Found::kAll;
    if (auto complaint = reader({buffer.get(), *got})) return *complaint;
  }
}

std::optional<Error> FileDisk::rename(const std::string& from, const std::string& to) {
  const Result<std::optional<reactor::InputFile>> file = reactor::InputFile::open(from);
  if (file && !*file) return std::nullopt;
  return reactor::rename_durably(from, to);
}

}  // namespace comet
