#include "comet/state_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "comet/file_disk.h"
#include "comet/state_decoder.h"
#include "reactor/random.h"

namespace comet {
namespace {

using reactor::Error;
using reactor::Result;

std::uint64_t random_number() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  reactor::fill_random(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

}  // namespace

// --- StateSnapshot ----------------------------------------------------------------------------

StateSnapshot::StateSnapshot(std::unique_ptr<StateDisk::NewFile> file, const StateHeader& header)
    : id_(header.id),
      file_(std::move(file)),
      encoder_(header, [this](std::string_view bytes) { append(bytes); }) {}

void StateSnapshot::add(const ChannelRecord& channel) {
  if (!error_) encoder_.add(channel);
}

void StateSnapshot::append(std::string_view bytes) {
  if (error_) return;
  error_ = file_->append(bytes);
  bytes_ += bytes.size();
  if (error_ || bytes_ - synced_ < kSyncBytes) return;
  synced_ = bytes_;
  error_ = file_->sync();
}

std::optional<Error> StateSnapshot::finish() {
  if (!error_) encoder_.finish();
  if (!error_) error_ = file_->commit();
  return error_;
}

// --- StateStore: start ------------------------------------------------------------------------

Result<std::unique_ptr<StateStore>> StateStore::open(const std::string& path) {
  Result<std::unique_ptr<FileDisk>> disk = FileDisk::lock(path + ".lock");
  if (!disk) return Error{fmt::format("state_file {}: cannot be locked: {}", path, disk.error())};
  return std::make_unique<StateStore>(path, std::move(*disk), Steps{});
}

Error StateStore::about(std::string_view path, std::string_view what) const {
  return Error{fmt::format("state_file {} {}", path, what)};
}

std::optional<Error> StateStore::read_ledger() {
  const std::string path = ledger_path();
  std::string bytes;
  const auto found = disk_->read(path, [&bytes](std::string_view piece) {
    bytes += piece;
    return std::optional<Error>();
  });
  if (!found) return about(path, found.error());
  has_ledger_ = *found == StateDisk::Found::kAll;
  if (!has_ledger_) {
    ledger_.lineage = random_number();
    return std::nullopt;
  }
  const Result<NumberLedger> ledger = NumberLedger::decode(bytes);
  if (!ledger) return about(path, ledger.error());
  ledger_ = *ledger;
  numbering_ = numbering_without_state(ledger_);
  return std::nullopt;
}

std::optional<Error> StateStore::load(const Loader& loader) {
  std::optional<Error> error = read_ledger();
  if (!error) error = read_state(loader);
  if (!error) return std::nullopt;
  return Error{error->message +
               "; --ignore-state starts without it and keeps it under another name"};
}

std::optional<Error> StateStore::read_state(const Loader& loader) {
  std::int64_t saved_unix_ms = 0;
  StateDecoder decoder(
      [&](const StateHeader& header) -> StateDecoder::Complaint {
        if (!has_ledger_) return fmt::format("lacks its ledger of numbers, {}", ledger_path());
        const Result<Numbering> numbering = numbering_after(ledger_, header);
        if (!numbering) return numbering.error();
        numbering_ = *numbering;
        saved_unix_ms = header.saved_unix_ms;
        loader.number_from(numbering_);
        return std::nullopt;
      },
      [&](ChannelRecord&& channel) { loader.restore(std::move(channel), saved_unix_ms); });
  const auto found = disk_->read(path_, [&decoder](std::string_view piece) {
    const StateDecoder::Complaint complaint = decoder.feed(piece);
    return complaint ? std::optional(Error{*complaint}) : std::nullopt;
  });
  if (!found) return about(path_, found.error());
  if (*found == StateDisk::Found::kNothing) {
    loader.number_from(numbering_);
    return std::nullopt;
  }
  const StateDecoder::Complaint complaint = decoder.finish();
  return complaint ? std::optional(about(path_, *complaint)) : std::nullopt;
}

Result<Numbering> StateStore::set_aside(std::string_view name) {
  std::vector<std::string> aside;
  if (read_ledger()) {
    aside.push_back(ledger_path());
    ledger_ = {};
    numbering_ = {};
  }
  ledger_.lineage = random_number();  // what is put aside belongs to another state from now on
  aside.push_back(path_);
  for (const std::string& path : aside) {
    if (const auto error = disk_->rename(path, fmt::format("{}.{}", path, name))) {
      return about(path, error->message);
    }
  }
  return numbering_;
}

// --- StateStore: numbers ----------------------------------------------------------------------

std::optional<Error> StateStore::reserve(std::uint64_t greatest) {
  const std::uint64_t step = step_ == 0 ? steps_.first : steps_.next;
  NumberLedger ledger = ledger_;
  ledger.ceiling = std::max({ledger_.ceiling, greatest + 1, numbering_.first_number}) + step;
  ledger.complete_id = 0;
  if (auto error = write_ledger(ledger)) return error;
  step_ = step;
  return std::nullopt;
}

std::optional<Error> StateStore::write_ledger(const NumberLedger& ledger) {
  const std::string path = ledger_path();
  const Result<std::unique_ptr<StateDisk::NewFile>> file = disk_->replace(path);
  if (!file) return about(path, file.error());
  std::optional<Error> error = (*file)->append(ledger.encode());
  if (!error) error = (*file)->commit();
  if (error) return about(path, error->message);
  ledger_ = ledger;
  return std::nullopt;
}

// --- StateStore: snapshots --------------------------------------------------------------------

Result<std::unique_ptr<StateSnapshot>> StateStore::begin_snapshot(std::int64_t now_unix_ms,
                                                                  Completeness completeness) {
  Result<std::unique_ptr<StateDisk::NewFile>> file = disk_->replace(path_);
  if (!file) return about(path_, file.error());
  StateHeader header;
  header.lineage = ledger_.lineage;
  header.id = random_number();
  header.first_number = numbering_.first_number;
  header.ceiling = ledger_.ceiling;
  header.saved_unix_ms = now_unix_ms;
  header.complete = completeness == Completeness::kStopped;
  return std::make_unique<StateSnapshot>(std::move(*file), header);
}

std::optional<Error> StateStore::complete(const StateSnapshot& snapshot) {
  NumberLedger ledger = ledger_;
  ledger.complete_id = snapshot.id();
  return write_ledger(ledger);
}

}  // namespace comet
