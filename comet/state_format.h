// The bytes of a state file: what a server saves of its channels.
//
//     file    = "comet state\n" version:u32 block*
//     block   = kind:u8 length:u32 crc:u32 payload[length]
//
// Integers are little-endian. The first block is kHeader, the last kFooter, those between are
// kItems. The CRC (zlib's crc32) covers the block's place in the file, its kind, its length and its
// payload, so that a block that is flipped, moved, repeated or missing is seen; the footer's counts
// and its being last show that nothing is cut off. Items follow each other across blocks:
//
//     'C' name_length:u8 name token[16] next:u64 expires:i64 had_subscribers:u8    a channel
//     'R' first:u64                                     a run of its messages begins there
//     'D' length:u32 content                            the run's next message, of type data
//     'B' length:u32 content                            of type broadcast; it gets an index from 0
//     'S' index:u64                                     a broadcast that stands before, again
//
// Pure: no file, no clock. Written by StateEncoder, read by StateDecoder.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace comet {

// Of messages: clients read them as signed.
inline constexpr std::uint64_t kNumberMax = std::numeric_limits<std::int64_t>::max();

inline constexpr std::string_view kStateMagic = "comet state\n";
inline constexpr std::uint32_t kStateVersion = 1;

enum class BlockKind : std::uint8_t { kHeader = 'H', kItems = 'I', kFooter = 'F' };
enum class ItemKind : std::uint8_t {
  kChannel = 'C',
  kRun = 'R',
  kData = 'D',
  kBroadcast = 'B',
  kSharedBroadcast = 'S',
};

// Which server wrote it, when, and how far its numbers go. See number_ledger.h.
struct StateHeader {
  std::uint64_t lineage = 0;
  std::uint64_t id = 0;            // of the snapshot, random
  std::uint64_t first_number = 1;  // of a new channel
  std::uint64_t ceiling = 1;       // no number from here on was given out when it was begun
  std::int64_t saved_unix_ms = 0;
  bool complete = false;  // taken when the server had stopped, so that nothing is newer

  friend bool operator==(const StateHeader&, const StateHeader&) = default;
};

struct StateFooter {
  std::uint64_t channels = 0;
  std::uint64_t messages = 0;

  friend bool operator==(const StateFooter&, const StateFooter&) = default;
};

inline constexpr std::size_t kBlockHeadBytes = 9;
inline constexpr std::size_t kHeaderBytes = 41;
inline constexpr std::size_t kFooterBytes = 16;

std::uint32_t block_crc(std::uint64_t place, BlockKind kind, std::string_view payload);

// The least significant byte first.
template <class T>
void append_le(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
}
template <class T>
T read_le(const char* bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return static_cast<T>(value);
}

}  // namespace comet
