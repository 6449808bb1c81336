// The parameters of a request: the first line is its Content-Type, the second its query, and the
// rest its body.
#include <limits>
#include <string>

#include "comet/request_fields.h"
#include "comet/token.h"
#include "http/jsonp.h"
#include "http/utf8.h"
#include "tests/fuzz/target.h"

using comet::Field;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static comet::RequestFields fields;
  std::string_view text = fuzz::text_of(data, size);
  http::Request request;
  request.method = http::Method::kPost;
  request.content_type = fuzz::take_line(text);
  request.query = fuzz::take_line(text);
  request.body = text;
  if (const auto wrong = fields.read(request)) {
    CHECK(wrong->status == 400 || wrong->status == 415);
    return 0;
  }
  const std::string_view cname = fields.value(Field::kCname);
  if (!fields.check_cname()) {
    CHECK(!cname.empty() && cname.size() <= 255 && http::is_valid_utf8(cname));
    CHECK(cname.find_first_of(std::string_view("\0\n\r\t\x7f", 5)) == std::string_view::npos);
  }
  const std::string_view callback = fields.value(Field::kCb);
  if (!fields.check_callback()) CHECK(callback.empty() || http::is_callback_path(callback));
  for (const Field field : {Field::kSeq, Field::kNoop, Field::kExpires}) {
    const auto number = fields.number(field, 7);
    CHECK(!fields.value(field).empty() || number == 7);
    CHECK(!number || *number != std::numeric_limits<std::int64_t>::min());
  }
  if (const auto token = comet::Token::parse(fields.value(Field::kToken))) {
    CHECK(comet::Token::parse(token->hex())->equals_constant_time(*token));
  }
  return 0;
}
