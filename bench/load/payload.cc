#include "bench/load/payload.h"

#include "bench/load/http_text.h"

namespace load {
namespace {

constexpr std::size_t kDigits = 10;

void append_digits(std::string& out, std::uint64_t number) {
  const std::size_t at = out.size();
  out.append(kDigits, '0');
  for (std::size_t i = kDigits; i-- > 0; number /= 10) {
    out[at + i] = static_cast<char>('0' + number % 10);
  }
}

std::optional<std::uint64_t> take_digits(std::string_view& bytes) {
  std::string_view digits = bytes.substr(0, kDigits);
  const auto number = take_number(digits);
  if (!number || !digits.empty() || bytes.substr(kDigits, 1) != "/") return std::nullopt;
  bytes.remove_prefix(kDigits + 1);
  return number;
}

}  // namespace

void Payload::append(std::string& out, std::uint32_t channel, std::uint64_t number) const {
  append_digits(out, channel);
  out.push_back('/');
  append_digits(out, number);
  out.append("/").append(fill_);
}

std::optional<std::uint64_t> Payload::read(std::string_view bytes, std::uint32_t channel) const {
  const auto named = take_digits(bytes);
  if (!named || *named != channel) return std::nullopt;
  const auto number = take_digits(bytes);
  if (!number || bytes != fill_) return std::nullopt;
  return number;
}

}  // namespace load
