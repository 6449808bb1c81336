#include "comet/state_format.h"

#include <zlib.h>

namespace comet {

std::uint32_t block_crc(std::uint64_t place, BlockKind kind, std::string_view payload) {
  std::string head;
  append_le(head, place);
  append_le(head, static_cast<std::uint8_t>(kind));
  append_le(head, static_cast<std::uint32_t>(payload.size()));
  const auto update = [](uLong crc, std::string_view bytes) {
    return crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  };
  return static_cast<std::uint32_t>(update(update(0, head), payload));
}

}  // namespace comet
