// Percent-decoding against a decoder that is too simple to be wrong, and the pairs of a query.
#include <optional>
#include <string>

#include "http/query.h"
#include "tests/fuzz/target.h"

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view in) {
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '%') {
      out.push_back(in[i] == '+' ? ' ' : in[i]);
      continue;
    }
    if (i + 2 >= in.size() || hex_digit(in[i + 1]) < 0 || hex_digit(in[i + 2]) < 0) return {};
    out.push_back(static_cast<char>(hex_digit(in[i + 1]) * 16 + hex_digit(in[i + 2])));
    i += 2;
  }
  return out;
}

std::string encoded(std::string_view raw) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', kDigits[byte / 16], kDigits[byte % 16]});
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  std::string out = "left over";
  const std::optional<std::string> expected = decoded(text);
  CHECK(http::decode_component(text, out) == expected.has_value());
  CHECK(!expected || out == *expected);
  CHECK(http::decode_component(encoded(text), out) && out == text);

  // The pairs, joined again, are the query without its empty pairs.
  std::string joined;
  http::for_each_pair(text, [&](std::string_view name, std::string_view value) {
    CHECK(name.find('&') == std::string_view::npos && name.find('=') == std::string_view::npos);
    CHECK(value.find('&') == std::string_view::npos);
    joined.append(name).append("=").append(value).append("&");
  });
  CHECK(joined.size() <= 2 * size + 2);
  return 0;
}
