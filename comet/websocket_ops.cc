#include "comet/websocket_ops.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "comet/operation_answers.h"
#include "comet/request_fields.h"
#include "comet/text_memory.h"

namespace comet {
namespace {

using simdjson::dom::element;

struct VerbRow {
  std::string_view name;
  WebsocketOp::Verb verb;
};
constexpr std::array<VerbRow, 2> kVerbs{{
    {kSubscribeOperation, WebsocketOp::Verb::kSubscribe},
    {kUnsubscribeOperation, WebsocketOp::Verb::kUnsubscribe},
}};

// Of an op that is none of ours, so much is said back.
constexpr std::size_t kEchoedBytesMax = 32;

// A member that is absent or null; what it is else, a string must be.
bool read_text(const simdjson::dom::object& object, std::string_view name, std::string_view& text) {
  element found;
  if (object[name].get(found) != simdjson::SUCCESS || found.is_null()) return true;
  return found.get(text) == simdjson::SUCCESS;
}

// As in a query: absent or empty is 0, and beyond what is signed only its being enormous matters. A
// bare number beyond 64 bits does not get here: simdjson takes its object for none.
std::optional<std::int64_t> read_seq(const simdjson::dom::object& object) {
  element found;
  if (object["seq"].get(found) != simdjson::SUCCESS || found.is_null()) return 0;
  std::int64_t number = 0;
  if (found.get(number) == simdjson::SUCCESS) return number;
  std::uint64_t unsigned_number = 0;
  if (found.get(unsigned_number) == simdjson::SUCCESS) {
    return std::numeric_limits<std::int64_t>::max();
  }
  std::string_view text;
  if (found.get(text) != simdjson::SUCCESS) return std::nullopt;
  return text.empty() ? 0 : whole_number(text);
}

// The one line of a reply.
std::string line_of(const Reply& reply) { return reply.body.substr(0, reply.body.find('\n')); }

}  // namespace

struct WebsocketOps::JsonReader {
  simdjson::dom::parser parser;
};

WebsocketOps::WebsocketOps(const NameHash& name_hash) : name_hash_(name_hash) {}
WebsocketOps::~WebsocketOps() = default;

std::variant<WebsocketOp, WebsocketOpError> WebsocketOps::read(std::string_view text) {
  if (json_ == nullptr) json_ = std::make_unique<JsonReader>();
  auto read = read_with(*json_, text);
  if (text.size() > kReusedJsonBytesMax) json_.reset();
  return read;
}

std::variant<WebsocketOp, WebsocketOpError> WebsocketOps::read_with(JsonReader& json,
                                                                    std::string_view text) {
  WebsocketOpError error;
  const auto wrong = [&error](std::string_view reason) {
    error.reason = reason;
    return std::move(error);
  };
  simdjson::dom::object object;
  if (json.parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS) {
    return wrong("the message is not a JSON object");
  }

  std::string_view op;
  if (!read_text(object, "op", op)) return wrong("op must be a string");
  if (op.size() <= kEchoedBytesMax) error.op = op;
  std::string_view cname;
  if (!read_text(object, "cname", cname)) return wrong("cname must be a string");
  const std::optional<Reply> bad_name = check_cname(cname);
  if (!bad_name) error.cname = cname;

  const auto* const row = std::ranges::find(kVerbs, op, &VerbRow::name);
  if (row == kVerbs.end()) return wrong(op.empty() ? "op is missing" : "unknown op");
  if (bad_name) return wrong(line_of(*bad_name));

  WebsocketOp read{row->verb, {}};
  read.channel.name = name_hash_.named(cname);
  if (read.verb == WebsocketOp::Verb::kUnsubscribe) return read;

  const std::optional<std::int64_t> seq = read_seq(object);
  if (!seq) return wrong("seq is not a number");
  read.channel.wanted = *seq;
  std::string_view token;
  if (!read_text(object, "token", token)) return wrong("token must be a string");
  if (const std::optional<Token> parsed = Token::parse(token)) {
    read.channel.token = *parsed;
    read.channel.has_token = true;
  }
  return read;
}

}  // namespace comet
