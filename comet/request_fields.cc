#include "comet/request_fields.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "comet/letters.h"
#include "comet/name.h"
#include "comet/text_memory.h"
#include "http/jsonp.h"
#include "http/media_type.h"
#include "http/query.h"

namespace comet {
namespace {

constexpr std::array<std::string_view, kFields> kNames{
    "cname",  "seq",    "token", "cb",    "noop", "content",       "expires",
    "config", "prefix", "after", "limit", "sort", "last_event_id", "events"};

bool is_encoded(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c == '%' || c == '+'; });
}

}  // namespace

struct RequestFields::JsonReader {
  simdjson::dom::parser parser;
};

RequestFields::RequestFields() = default;
RequestFields::~RequestFields() = default;

std::optional<Reply> RequestFields::read(const http::Request& request) {
  forget();
  if (std::optional<Reply> wrong = read_body(request)) return wrong;
  return read_query(request);
}

std::optional<Reply> RequestFields::read_query_only(const http::Request& request) {
  forget();
  return read_query(request);
}

void RequestFields::forget() {
  for (unsigned long left = present_.to_ulong(); left != 0; left &= left - 1) {
    make_empty(values_[static_cast<std::size_t>(std::countr_zero(left))]);
  }
  present_.reset();
  for (std::vector<std::string>& values : more_) values.clear();
}

std::optional<Reply> RequestFields::read_query(const http::Request& request) {
  if (read_pairs(request.query)) return std::nullopt;
  return Reply::error(400, "the query has a bad percent-encoding");
}

std::optional<Reply> RequestFields::read_body(const http::Request& request) {
  if (request.method != http::Method::kPost || request.body.empty()) return std::nullopt;
  if (http::is_media_type(request.content_type, "application/json")) return read_json(request.body);
  if (http::is_media_type(request.content_type, "text/plain") ||
      http::is_media_type(request.content_type, "application/octet-stream")) {
    *claim(kNames[index(Field::kContent)]) = request.body;
    return std::nullopt;
  }
  if (http::is_media_type(request.content_type, "multipart/form-data") &&
      request.body.starts_with("--")) {
    return Reply::error(415,
                        "multipart bodies are not understood; send a form, JSON or plain text");
  }
  if (!read_pairs(request.body)) {
    return Reply::error(400, "the form has a bad percent-encoding");
  }
  return std::nullopt;
}

bool RequestFields::read_pairs(std::string_view encoded) {
  bool ok = true;
  http::for_each_pair(encoded, [&](std::string_view raw_name, std::string_view raw_value) {
    std::string* value = claim(raw_name);
    if (value == nullptr && is_encoded(raw_name) && http::decode_component(raw_name, name_)) {
      value = claim(name_);
    }
    if (value != nullptr && !http::decode_component(raw_value, *value)) ok = false;
  });
  return ok;
}

std::optional<Reply> RequestFields::read_json(std::string_view body) {
  if (json_ == nullptr) json_ = std::make_unique<JsonReader>();
  std::optional<Reply> wrong = read_json_with(*json_, body);
  if (body.size() > kReusedJsonBytesMax) json_.reset();
  return wrong;
}

std::optional<Reply> RequestFields::read_json_with(JsonReader& json, std::string_view body) {
  simdjson::dom::object object;
  if (json.parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS) {
    return Reply::error(400, "the body is not a JSON object");
  }
  for (const auto& [name, element] : object) {
    if (element.is_null()) continue;
    std::string* value = claim(name);
    if (value == nullptr) continue;
    std::string_view text;
    std::int64_t number = 0;
    if (element.get(text) == simdjson::SUCCESS) {
      value->assign(text);
    } else if (value != &values_[index(Field::kContent)] &&
               element.get(number) == simdjson::SUCCESS) {
      value->assign(std::to_string(number));
    } else {
      return Reply::error(400, std::string(name) + " must be a string");
    }
  }
  return std::nullopt;
}

// The place for a field's value, or null when the name is not ours or has counted already.
std::string* RequestFields::claim(std::string_view name) {
  for (std::size_t i = 0; i < kFields; ++i) {
    if (!equals_letters(name, kNames[i])) continue;
    if (present_[i]) return claim_repeated(i);
    present_.set(i);
    return &values_[i];
  }
  return nullptr;
}

std::string* RequestFields::claim_repeated(std::size_t field) {
  if (field >= kRepeatableFields || more_[field].size() == kRepeatsMax) return nullptr;
  return &more_[field].emplace_back();
}

std::optional<std::int64_t> RequestFields::number(Field field, std::int64_t absent) const {
  const std::string_view text = value(field);
  return text.empty() ? absent : whole_number(text);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number > (kLargest - 9) / 10 ? kLargest : number * 10 + (c - '0');
  }
  return negative ? -number : number;
}

std::optional<Reply> check_cname(std::string_view name) {
  const std::string_view fault = fault_of_name(name);
  if (fault.empty()) return std::nullopt;
  return Reply::error(400, fault);
}

std::optional<Reply> RequestFields::check_callback() const {
  const std::string_view callback = value(Field::kCb);
  if (callback.empty() || http::is_callback_path(callback)) return std::nullopt;
  return Reply::error(400, "cb is not an identifier path of at most 128 bytes");
}

}  // namespace comet
