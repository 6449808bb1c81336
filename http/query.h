// application/x-www-form-urlencoded (URL Standard, section 5): query strings and form bodies.
//
// Functions of their arguments; usable from any core.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace http {

// HOT. Sets out to the decoded bytes: '+' is a space, %XX a byte. False on a '%' without two hex
// digits after it; out is then unspecified.
bool decode_component(std::string_view in, std::string& out);

// Calls f(name, value) for each pair in order, both still encoded. Pairs are separated by '&';
// without '=' the value is empty; empty pairs are passed over.
template <class F>
void for_each_pair(std::string_view query, F f) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      f(pair, std::string_view());
    } else {
      f(pair.substr(0, equals), pair.substr(equals + 1));
    }
  }
}

}  // namespace http
