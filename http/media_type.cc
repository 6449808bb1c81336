#include "http/media_type.h"

#include "http/ascii.h"

namespace http {

bool is_media_type(std::string_view content_type, std::string_view expected) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  const std::size_t end = type.find_last_not_of(" \t");
  return end != std::string_view::npos && equals_ignoring_case(type.substr(0, end + 1), expected);
}

}  // namespace http
