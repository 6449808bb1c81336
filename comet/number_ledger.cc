#include "comet/number_ledger.h"

#include <fmt/format.h>
#include <zlib.h>

namespace comet {
namespace {

//     "comet numbers\n" version:u32 lineage:u64 ceiling:u64 complete_id:u64 crc:u32
constexpr std::string_view kMagic = "comet numbers\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFieldsAt = kMagic.size() + sizeof(std::uint32_t);
constexpr std::size_t kCrcAt = kFieldsAt + 3 * sizeof(std::uint64_t);
constexpr std::size_t kBytes = kCrcAt + sizeof(std::uint32_t);

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

std::string NumberLedger::encode() const {
  std::string bytes(kMagic);
  append_le(bytes, kVersion);
  append_le(bytes, lineage);
  append_le(bytes, ceiling);
  append_le(bytes, complete_id);
  append_le(bytes, crc_of(bytes));
  return bytes;
}

reactor::Result<NumberLedger> NumberLedger::decode(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return reactor::Error{"is not a ledger of numbers of comet"};
  if (bytes.size() < kFieldsAt) return reactor::Error{"is cut short"};
  const auto version = read_le<std::uint32_t>(bytes.data() + kMagic.size());
  if (version != kVersion) {
    return reactor::Error{
        fmt::format("has format version {}, and this server reads version {}", version, kVersion)};
  }
  if (bytes.size() < kBytes) return reactor::Error{"is cut short"};
  if (bytes.size() > kBytes ||
      read_le<std::uint32_t>(bytes.data() + kCrcAt) != crc_of(bytes.substr(0, kCrcAt))) {
    return reactor::Error{"is damaged"};
  }
  NumberLedger ledger;
  ledger.lineage = read_le<std::uint64_t>(bytes.data() + kFieldsAt);
  ledger.ceiling = read_le<std::uint64_t>(bytes.data() + kFieldsAt + 8);
  ledger.complete_id = read_le<std::uint64_t>(bytes.data() + kFieldsAt + 16);
  if (ledger.ceiling == 0 || ledger.ceiling >= kNumberMax) return reactor::Error{"is damaged"};
  return ledger;
}

Numbering numbering_without_state(const NumberLedger& ledger) { return {ledger.ceiling + 1, true}; }

reactor::Result<Numbering> numbering_after(const NumberLedger& ledger, const StateHeader& state) {
  if (state.lineage != ledger.lineage || state.ceiling > ledger.ceiling) {
    return reactor::Error{"and its ledger of numbers do not belong together"};
  }
  if (state.complete && state.id == ledger.complete_id) {
    return Numbering{state.first_number, false};
  }
  return numbering_without_state(ledger);
}

}  // namespace comet
