#include "http/jsonp.h"

#include <algorithm>

#include "http/ascii.h"

namespace http {
namespace {

constexpr bool is_path_char(char c) {
  return is_ascii_alphanumeric(c) || c == '_' || c == '$' || c == '.' || c == '[' || c == ']';
}

}  // namespace

bool is_callback_path(std::string_view callback) {
  return !callback.empty() && callback.size() <= kCallbackBytesMax &&
         std::all_of(callback.begin(), callback.end(), is_path_char);
}

}  // namespace http
