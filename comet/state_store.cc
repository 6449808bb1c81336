#include "comet/state_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "comet/state_decoder.h"
#include "reactor/input_file.h"
#include "reactor/random.h"

namespace comet {
namespace {

using reactor::Error;
using reactor::Result;

constexpr std::size_t kReadBytes = 1 << 20;

std::uint64_t random_number() {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  reactor::fill_random(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

std::optional<Error> replace_file(const std::string& path, std::string_view bytes) {
  Result<reactor::DurableFile> file = reactor::DurableFile::create(path);
  if (!file) return Error{file.error()};
  if (auto error = file->append(bytes)) return error;
  return file->commit();
}

}  // namespace

// --- StateSnapshot ----------------------------------------------------------------------------

StateSnapshot::StateSnapshot(reactor::DurableFile file, const StateHeader& header)
    : id_(header.id),
      file_(std::move(file)),
      encoder_(header, [this](std::string_view bytes) { append(bytes); }) {}

void StateSnapshot::add(const ChannelRecord& channel) {
  if (!error_) encoder_.add(channel);
}

void StateSnapshot::append(std::string_view bytes) {
  if (error_) return;
  error_ = file_.append(bytes);
  if (error_ || file_.bytes() - synced_ < kSyncBytes) return;
  synced_ = file_.bytes();
  error_ = file_.sync();
}

std::optional<Error> StateSnapshot::finish() {
  if (!error_) encoder_.finish();
  if (!error_) error_ = file_.commit();
  return error_;
}

// --- StateStore: start ------------------------------------------------------------------------

Result<std::unique_ptr<StateStore>> StateStore::open(const std::string& path) {
  Result<reactor::Pidfile> lock = reactor::Pidfile::create(path + ".lock");
  if (!lock) return Error{fmt::format("state_file {}: cannot be locked: {}", path, lock.error())};
  return std::unique_ptr<StateStore>(new StateStore(path, std::move(*lock)));
}

Error StateStore::about(std::string_view path, std::string_view what) const {
  return Error{fmt::format("state_file {} {}", path, what)};
}

std::optional<Error> StateStore::read_ledger() {
  const std::string path = ledger_path();
  const Result<std::optional<std::string>> bytes = reactor::read_whole_file(path);
  if (!bytes) return about(path, bytes.error());
  has_ledger_ = bytes->has_value();
  if (!has_ledger_) {
    ledger_.lineage = random_number();
    return std::nullopt;
  }
  const Result<NumberLedger> ledger = NumberLedger::decode(**bytes);
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
  Result<std::optional<reactor::InputFile>> file = reactor::InputFile::open(path_);
  if (!file) return about(path_, file.error());
  if (!*file) {
    loader.number_from(numbering_);
    return std::nullopt;
  }
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
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  for (;;) {
    const Result<std::size_t> got = (*file)->read(buffer.get(), kReadBytes);
    if (!got) return about(path_, got.error());
    const StateDecoder::Complaint complaint =
        *got == 0 ? decoder.finish() : decoder.feed({buffer.get(), *got});
    if (complaint) return about(path_, *complaint);
    if (*got == 0) return std::nullopt;
  }
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
    const Result<std::optional<reactor::InputFile>> file = reactor::InputFile::open(path);
    if (file && !*file) continue;  // nothing to keep
    if (const auto error = reactor::rename_durably(path, fmt::format("{}.{}", path, name))) {
      return about(path, error->message);
    }
  }
  return numbering_;
}

// --- StateStore: numbers ----------------------------------------------------------------------

std::optional<Error> StateStore::reserve(std::uint64_t greatest) {
  const std::uint64_t step = step_ == 0 ? kFirstStep : kNextStep;
  NumberLedger ledger = ledger_;
  ledger.ceiling = std::max({ledger_.ceiling, greatest + 1, numbering_.first_number}) + step;
  ledger.complete_id = 0;
  if (auto error = write_ledger(ledger)) return error;
  step_ = step;
  return std::nullopt;
}

std::optional<Error> StateStore::write_ledger(const NumberLedger& ledger) {
  const std::string path = ledger_path();
  if (const auto error = replace_file(path, ledger.encode())) return about(path, error->message);
  ledger_ = ledger;
  return std::nullopt;
}

// --- StateStore: snapshots --------------------------------------------------------------------

Result<std::unique_ptr<StateSnapshot>> StateStore::begin_snapshot(std::int64_t now_unix_ms,
                                                                  Completeness completeness) {
  Result<reactor::DurableFile> file = reactor::DurableFile::create(path_);
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
