#include "comet/operation_answers.h"

#include "http/json.h"
#include "http/websocket_frame.h"

namespace comet {
namespace {

void append_text(std::string& out, std::string_view object) {
  http::append_frame(out, http::Opcode::kText, object);
}

std::string beginning(std::string_view type, std::string_view cname) {
  std::string object = "{\"type\":\"";
  object.append(type).append("\",\"cname\":\"");
  http::append_json_escaped(object, cname);
  return object.append("\"");
}

}  // namespace

void append_subscribed(std::string& out, std::string_view cname, std::uint64_t seq) {
  append_text(out, beginning("subscribed", cname) + ",\"seq\":" + std::to_string(seq) + "}");
}

void append_unsubscribed(std::string& out, std::string_view cname) {
  append_text(out, beginning("unsubscribed", cname) + "}");
}

void append_operation_error(std::string& out, std::string_view operation, std::string_view cname,
                            std::string_view reason) {
  std::string object = "{\"type\":\"error\",\"op\":\"";
  http::append_json_escaped(object, operation);
  object.append("\",\"cname\":\"");
  http::append_json_escaped(object, cname);
  object.append("\",\"reason\":\"");
  http::append_json_escaped(object, reason);
  append_text(out, object.append("\"}"));
}

}  // namespace comet
