#include "comet/push_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "comet/letters.h"
#include "http/ascii.h"
#include "http/media_type.h"

namespace comet {
namespace {

namespace dom = simdjson::dom;
namespace ondemand = simdjson::ondemand;

constexpr std::string_view kSpace = " \t\r\n";

bool is_object(std::string_view text) {
  dom::parser parser;
  return parser.parse(text.data(), text.size()).is_object();
}

// An object may stretch over lines, too: only if the first line is one by itself, there are others.
bool is_lines(std::string_view body) {
  const std::size_t end = body.find('\n');
  if (end == std::string_view::npos) return false;
  const std::string_view first = http::trimmed(body.substr(0, end), kSpace);
  return first.ends_with('}') && is_object(first);
}

}  // namespace

std::optional<PushForm> push_form_of(const http::Request& request) {
  if (request.method != http::Method::kPost || request.body.empty()) return std::nullopt;
  for (const std::string_view type :
       {"application/x-ndjson", "application/ndjson", "application/jsonl"}) {
    if (http::is_media_type(request.content_type, type)) return PushForm::kLines;
  }
  if (!http::is_media_type(request.content_type, "application/json")) return std::nullopt;
  const std::string_view body = http::trimmed(request.body, kSpace);
  if (body.starts_with('[')) return PushForm::kArray;
  if (is_lines(body)) return PushForm::kLines;
  return std::nullopt;
}

struct PushReader::Json {
  explicit Json(std::string_view text) : body(text) {}

  simdjson::padded_string body;
  dom::parser entries;
  // Of an array:
  ondemand::parser parser;
  ondemand::document document;
  ondemand::array array;
  ondemand::array_iterator at;
  bool begun = false;
};

PushReader::PushReader(std::string_view body, PushForm form)
    : form_(form), json_(std::make_unique<Json>(body)) {}

PushReader::~PushReader() = default;

// simdjson does not say what its parsers take. For each byte that one has room for, there are four
// of an index and almost two of text, and in a document eight more.
std::size_t PushReader::memory() const {
  constexpr std::size_t kOnDemandBytes = 6;
  constexpr std::size_t kDocumentBytes = 14;
  return json_->body.size() + json_->parser.capacity() * kOnDemandBytes +
         json_->entries.capacity() * kDocumentBytes;
}

PushReader::Step PushReader::next(PushEntry& entry) {
  return form_ == PushForm::kLines ? next_line(entry) : next_element(entry);
}

PushReader::Step PushReader::next_line(PushEntry& entry) {
  const std::string_view body = json_->body;
  if (bytes_read_ == body.size()) return Step::kEnd;
  const std::size_t begin = bytes_read_;
  const std::size_t end = std::min(body.find('\n', begin), body.size());
  bytes_read_ = std::min(end + 1, body.size());
  ++place_;
  const std::string_view line = http::trimmed(body.substr(begin, end - begin), kSpace);
  return line.empty() ? Step::kEmptyLine : parse(line, entry);
}

// simdjson's on-demand half finds where elements begin and end, and only that: it checks nothing
// inside of them.
PushReader::Step PushReader::next_element(PushEntry& entry) {
  Json& json = *json_;
  simdjson::error_code error = simdjson::SUCCESS;
  ++place_;
  if (!json.begun) {
    json.begun = true;
    error = json.parser.iterate(json.body).get(json.document);
    if (error == simdjson::SUCCESS) error = json.document.get_array().get(json.array);
    if (error == simdjson::SUCCESS) error = json.array.begin().get(json.at);
  } else {
    ++json.at;
  }
  if (error != simdjson::SUCCESS) return complain(simdjson::error_message(error));
  if (json.at == ondemand::array_iterator()) return end_of_array();
  ondemand::value element;
  ondemand::json_type type{};
  error = (*json.at).get(element);
  if (error == simdjson::SUCCESS) error = element.type().get(type);
  if (error != simdjson::SUCCESS) return complain(simdjson::error_message(error));
  std::string_view text;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    error = element.get_object().get(object);
    if (error == simdjson::SUCCESS) error = object.raw_json().get(text);
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    error = element.get_array().get(array);
    if (error == simdjson::SUCCESS) error = array.raw_json().get(text);
  } else {
    text = element.raw_json_token();
  }
  if (error != simdjson::SUCCESS) return complain(simdjson::error_message(error));
  const auto begin = static_cast<std::size_t>(text.data() - json.body.data());
  if (between(begin) != (place_ == 1 ? "[" : ",")) {
    return complain(place_ == 1 ? "it must follow one [" : "it must follow one comma");
  }
  bytes_read_ = begin + text.size();
  return parse(http::trimmed(text, kSpace), entry);
}

PushReader::Step PushReader::end_of_array() {
  const std::string_view rest = between(json_->body.size());
  const bool is_whole = place_ == 1
                            ? rest.starts_with('[') && http::trimmed(rest.substr(1), kSpace) == "]"
                            : rest == "]";
  if (!is_whole) return complain("the array must end with one ], and nothing may follow");
  bytes_read_ = json_->body.size();
  return Step::kEnd;
}

// What stands between the last element and that place, but for white space.
std::string_view PushReader::between(std::size_t end) const {
  return http::trimmed(std::string_view(json_->body).substr(bytes_read_, end - bytes_read_),
                       kSpace);
}

// `text` lies in the body, behind which there is padding.
PushReader::Step PushReader::parse(std::string_view text, PushEntry& entry) {
  dom::element element;
  const simdjson::error_code error =
      json_->entries.parse(text.data(), text.size(), false).get(element);
  if (error != simdjson::SUCCESS) return complain(simdjson::error_message(error));
  entry = {};
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS) {
    entry.fault = "the entry is not an object";
    return Step::kEntry;
  }
  bool has_cname = false;
  bool has_content = false;
  for (const auto& [name, value] : object) {
    if (value.is_null()) continue;
    if (!has_content && equals_letters(name, "content")) {
      has_content = true;
      if (value.get(entry.content) != simdjson::SUCCESS) entry.fault = "content must be a string";
    } else if (!has_cname && equals_letters(name, "cname")) {
      has_cname = true;
      std::int64_t number = 0;
      if (value.get(entry.cname) == simdjson::SUCCESS) continue;
      if (value.get(number) == simdjson::SUCCESS) {
        entry.cname = number_ = std::to_string(number);
      } else {
        entry.fault = "cname must be a string";
      }
    }
  }
  if (!has_content && entry.fault.empty()) entry.fault = "content is missing";
  return Step::kEntry;
}

PushReader::Step PushReader::complain(std::string_view why) {
  complaint_ = fmt::format("{} {} is not JSON: {}", form_ == PushForm::kLines ? "line" : "entry",
                           place_, why);
  return Step::kNotJson;
}

}  // namespace comet
