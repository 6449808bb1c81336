#include "http/utf8_stream.h"

#include <algorithm>
#include <array>

namespace http {
namespace {

// Leads of more than one byte, as RFC 3629 4 lists them: how many bytes follow, and what the first
// of these may be, so that there are no overlong forms, no surrogates and nothing above U+10FFFF.
struct Leads {
  std::uint8_t first;
  std::uint8_t last;
  std::uint8_t missing;
  std::uint8_t least;
  std::uint8_t most;
};
constexpr std::array<Leads, 8> kLeads{{
    {0xc2, 0xdf, 1, 0x80, 0xbf},
    {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf},
    {0xed, 0xed, 2, 0x80, 0x9f},
    {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf},
    {0xf1, 0xf3, 3, 0x80, 0xbf},
    {0xf4, 0xf4, 3, 0x80, 0x8f},
}};

}  // namespace

bool Utf8Stream::feed(std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (missing_ == 0) {
      if (byte >= 0x80 && !begin_character(byte)) return false;
      continue;
    }
    if (byte < least_ || byte > most_) return false;
    --missing_;
    least_ = 0x80;
    most_ = 0xbf;
  }
  return true;
}

bool Utf8Stream::begin_character(std::uint8_t lead) {
  const auto* const row = std::ranges::find_if(
      kLeads, [lead](const Leads& leads) { return lead >= leads.first && lead <= leads.last; });
  if (row == kLeads.end()) return false;
  missing_ = row->missing;
  least_ = row->least;
  most_ = row->most;
  return true;
}

}  // namespace http
