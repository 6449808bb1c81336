#include "tests/fuzz/response_check.h"

#include <simdjson.h>

#include <charconv>
#include <string>

#include "reactor/check.h"

namespace fuzz {
namespace {

constexpr std::string_view kEmptyLine = "\r\n\r\n";

bool is_token(std::string_view name) {
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    if (!letter) return false;
  }
  return !name.empty();
}

}  // namespace

void check_response(std::string_view bytes, bool has_body) {
  const std::size_t head_end = bytes.find(kEmptyLine);
  CHECK(bytes.starts_with("HTTP/1.1 "));
  CHECK(head_end != std::string_view::npos);
  std::string_view head = bytes.substr(0, head_end + 2);
  const std::string_view body = bytes.substr(head_end + kEmptyLine.size());
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(": ");
    CHECK(colon != std::string_view::npos);
    CHECK(is_token(line.substr(0, colon)));
    CHECK(line.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos);
    constexpr std::string_view kLength = "Content-Length: ";
    if (!line.starts_with(kLength) || !has_body) continue;
    CHECK(line.substr(kLength.size()) == std::to_string(body.size()));
  }
}

void check_json_body(std::string_view body) {
  static simdjson::dom::parser parser;
  simdjson::dom::element element;
  CHECK(parser.parse(std::string(body)).get(element) == simdjson::SUCCESS);
}

}  // namespace fuzz
