#include "bench/load/http_text.h"

#include <algorithm>

namespace load {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kVersion = "HTTP/1.";
constexpr std::size_t kStatusAt = 9;
constexpr std::string_view kLengthName = "content-length:";
constexpr std::size_t kExcerptBytes = 100;

bool starts_with_name(std::string_view line, std::string_view lower_name) {
  if (line.size() < lower_name.size()) return false;
  return std::equal(lower_name.begin(), lower_name.end(), line.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

}  // namespace

std::optional<HttpHead> read_head(std::string_view bytes) {
  const std::size_t end = bytes.find(kHeadEnd);
  if (end == std::string_view::npos) return std::nullopt;
  HttpHead head;
  head.bytes = end + kHeadEnd.size();
  if (!bytes.starts_with(kVersion) || end < kStatusAt + 3) return head;
  std::string_view status = bytes.substr(kStatusAt, 3);
  head.status = static_cast<int>(take_number(status).value_or(0));

  std::size_t line_at = bytes.find(kLineEnd) + kLineEnd.size();
  while (line_at < end) {
    const std::size_t line_end = bytes.find(kLineEnd, line_at);
    std::string_view line = bytes.substr(line_at, line_end - line_at);
    if (starts_with_name(line, kLengthName)) {
      line.remove_prefix(kLengthName.size());
      while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
      head.content_length = take_number(line);
    }
    line_at = line_end + kLineEnd.size();
  }
  return head;
}

std::string excerpt(std::string_view bytes) {
  std::string text;
  for (const char c : bytes.substr(0, kExcerptBytes)) {
    text.push_back(c >= ' ' && c <= '~' ? c : ' ');
  }
  if (bytes.size() > kExcerptBytes) text += "...";
  return text;
}

}  // namespace load
