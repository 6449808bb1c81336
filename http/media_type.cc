#include "http/media_type.h"

#include <algorithm>

namespace http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

bool is_media_type(std::string_view content_type, std::string_view expected) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  const std::size_t end = type.find_last_not_of(" \t");
  if (end == std::string_view::npos) return false;
  type = type.substr(0, end + 1);
  return std::equal(type.begin(), type.end(), expected.begin(), expected.end(),
                    [](char x, char y) { return lower(x) == y; });
}

}  // namespace http
