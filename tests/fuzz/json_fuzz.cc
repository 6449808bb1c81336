// JSON escaping against a parser of others: what we escape it must read back, and what we accept as
// the inside of a string it must accept.
#include <simdjson.h>

#include <string>

#include "http/json.h"
#include "http/utf8.h"
#include "tests/fuzz/target.h"

namespace {

// The string that '"' + body + '"' is, if it is one.
bool parse_string(std::string_view body, std::string& out) {
  static simdjson::dom::parser parser;
  const std::string document = "[\"" + std::string(body) + "\"]";
  simdjson::dom::array array;
  if (parser.parse(document).get(array) != simdjson::SUCCESS || array.size() != 1) return false;
  std::string_view text;
  if (array.at(0).get(text) != simdjson::SUCCESS) return false;
  out = text;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view raw = fuzz::text_of(data, size);
  std::string parsed;
  std::string escaped;
  http::append_json_escaped(escaped, raw);
  const bool is_utf8 = http::is_valid_utf8(raw);
  CHECK(http::is_json_string_body(escaped) == is_utf8);
  CHECK(parse_string(escaped, parsed) == is_utf8);
  CHECK(!is_utf8 || parsed == raw);

  // In a <script> element it means the same, and can neither end it nor hide its end.
  std::string in_script;
  http::append_iframe_escaped(in_script, escaped);
  CHECK(in_script.find("</") == std::string::npos);
  CHECK(in_script.find("<!") == std::string::npos);
  CHECK(http::needs_iframe_escape(escaped) == (in_script != escaped));
  CHECK(!is_utf8 || (parse_string(in_script, parsed) && parsed == raw));

  // What /pub takes. We refuse lone surrogates, about which readers differ.
  const bool has_surrogates =
      raw.find("\\ud") != std::string_view::npos || raw.find("\\uD") != std::string_view::npos;
  if (http::is_json_string_body(raw)) {
    CHECK(parse_string(raw, parsed));
  } else if (!has_surrogates) {
    CHECK(!parse_string(raw, parsed));
  }
  return 0;
}
