#include "http/json.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "http/byte_scan.h"
#include "http/utf8.h"

namespace http {
namespace {

// What a JSON string can't hold as it is.
struct Special {
  static bool is(unsigned char byte) { return byte < 0x20 || byte == '"' || byte == '\\'; }
#if defined(__SSE2__)
  static __m128i in(__m128i bytes) {
    // SSE2 compares signed bytes only; the unsigned minimum tells controls from the rest.
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    return _mm_or_si128(controls, _mm_or_si128(quotes, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
  }
#endif
};

// The letter after the backslash: 'u' for the long form, 0 for what needs no escape.
constexpr std::array<char, 256> kEscape = [] {
  std::array<char, 256> table{};
  for (std::size_t control = 0; control < 0x20; ++control) table[control] = 'u';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}();

std::optional<unsigned> parse_hex4(std::string_view digits) {
  if (digits.size() < 4) return std::nullopt;
  unsigned value = 0;
  for (const char digit : digits.substr(0, 4)) {
    value <<= 4;
    if (digit >= '0' && digit <= '9') {
      value |= static_cast<unsigned>(digit - '0');
    } else if (digit >= 'a' && digit <= 'f') {
      value |= static_cast<unsigned>(digit - 'a' + 10);
    } else if (digit >= 'A' && digit <= 'F') {
      value |= static_cast<unsigned>(digit - 'A' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

// Bytes of the escape (or pair of them) that text begins with; 0 when it is not valid.
std::size_t measure_escape(std::string_view text) {
  if (text.size() < 2) return 0;
  if (text[1] != 'u') {
    return std::string_view("\"\\/bfnrt").find(text[1]) == std::string_view::npos ? 0 : 2;
  }
  const std::optional<unsigned> unit = parse_hex4(text.substr(2));
  if (!unit || (*unit >= 0xdc00 && *unit <= 0xdfff)) return 0;
  if (*unit < 0xd800 || *unit > 0xdbff) return 6;
  const std::string_view rest = text.substr(6);
  if (!rest.starts_with("\\u")) return 0;
  const std::optional<unsigned> low = parse_hex4(rest.substr(2));
  return low && *low >= 0xdc00 && *low <= 0xdfff ? 12 : 0;
}

// Where "</" or "<!" begins.
std::size_t find_markup(std::string_view json) {
  std::size_t at = json.find('<');
  while (at != std::string_view::npos) {
    const char next = at + 1 < json.size() ? json[at + 1] : '\0';
    if (next == '/' || next == '!') break;
    at = json.find('<', at + 1);
  }
  return at;
}

}  // namespace

void append_json_escaped(std::string& out, std::string_view raw) {
  constexpr char kHexDigits[] = "0123456789ABCDEF";
  const char* at = raw.data();
  const char* const end = at + raw.size();
  while (at != end) {
    const char* const special = find_first<Special>(at, end);
    out.append(at, special);
    if (special == end) return;
    const auto byte = static_cast<unsigned char>(*special);
    const char letter = kEscape[byte];
    if (letter != 'u') {
      const char escape[2] = {'\\', letter};
      out.append(escape, sizeof escape);
    } else {
      const char escape[6] = {'\\', 'u', '0', '0', kHexDigits[byte >> 4], kHexDigits[byte & 0xf]};
      out.append(escape, sizeof escape);
    }
    at = special + 1;
  }
}

bool is_json_string_body(std::string_view body) {
  const char* at = body.data();
  const char* const end = at + body.size();
  while ((at = find_first<Special>(at, end)) != end) {
    if (*at != '\\') return false;
    const std::size_t size = measure_escape({at, static_cast<std::size_t>(end - at)});
    if (size == 0) return false;
    at += size;
  }
  return is_valid_utf8(body);
}

bool needs_iframe_escape(std::string_view json) {
  return find_markup(json) != std::string_view::npos;
}

void append_iframe_escaped(std::string& out, std::string_view json) {
  for (std::size_t hit; (hit = find_markup(json)) != std::string_view::npos;) {
    out.append(json.substr(0, hit));
    out.append(json[hit + 1] == '/' ? "<\\/" : "<\\u0021");
    json.remove_prefix(hit + 2);
  }
  out.append(json);
}

}  // namespace http
