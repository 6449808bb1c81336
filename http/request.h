// A parsed request (RFC 9112 3): views, no storage.
//
// Belongs to the RequestParser that made it and to that parser's core; every view points into the
// parser's own storage and is valid until its next parse() or reset().
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "http/method.h"

namespace http {

// Where a header stands in the storage of its request. Offsets, because the storage may move while
// it grows. Names are in lower case; values have no white space around them.
struct HeaderSlice {
  std::uint32_t name_begin = 0;
  std::uint32_t name_size = 0;
  std::uint32_t value_begin = 0;
  std::uint32_t value_size = 0;
};
static_assert(sizeof(HeaderSlice) == 16);

struct Request {
  Method method = Method::kOther;
  std::string_view method_name;  // e.g. "PATCH"
  std::string_view target;       // as sent
  std::string_view path;         // without query and fragment; "/" where an absolute-form has none
  std::string_view query;        // after '?', maybe empty, still encoded
  int version_minor = 1;         // of HTTP/1.x
  bool keep_alive = true;        // RFC 9112 9.3
  bool expects_continue = false;
  std::string_view content_type;  // "" when absent
  std::string_view accept;        // "" when absent
  std::string_view body;          // decoded, when it came in chunks

  // In the order of arrival, without the trailer fields of a chunked body.
  std::span<const HeaderSlice> headers;
  const char* storage = nullptr;

  [[nodiscard]] std::string_view name_of(const HeaderSlice& slice) const {
    return {storage + slice.name_begin, slice.name_size};
  }
  [[nodiscard]] std::string_view value_of(const HeaderSlice& slice) const {
    return {storage + slice.value_begin, slice.value_size};
  }

  // The first value of a header, "" when absent.
  [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
};

}  // namespace http
