#include "comet/response_heads.h"

#include "http/date.h"

namespace comet {
namespace {

// No CORS: what is for systems of the operator's own, no page of another origin may read.
constexpr std::string_view kAdminHeaders = "Cache-Control: no-cache\r\n";
// Of nginx: what has no end is not to be collected first.
constexpr std::string_view kUnbuffered = "X-Accel-Buffering: no\r\n";

}  // namespace

ResponseHeads::ResponseHeads(std::string_view origin_headers, std::uint32_t sse_retry_ms) {
  reconfigure(origin_headers, sse_retry_ms);
}

void ResponseHeads::reconfigure(std::string_view origin_headers, std::uint32_t sse_retry_ms) {
  front_headers_ = "Cache-Control: no-cache\r\nExpires: 0\r\n";
  front_headers_.append(origin_headers);
  sse_retry_ms_ = sse_retry_ms;
  forget();
}

void ResponseHeads::forget() {
  for (std::string& head : endless_) head.clear();
  complete_.clear();
}

bool ResponseHeads::begin_turn(std::int64_t unix_s) {
  if (unix_s == unix_s_) return false;
  unix_s_ = unix_s;
  http::format_imf_fixdate(unix_s, date_.data());
  forget();
  return true;
}

std::string_view ResponseHeads::endless(Framing framing, bool keep_alive) {
  std::string& head = endless_[framing.index() * 2 + (keep_alive ? 1 : 0)];
  if (head.empty()) append_endless(head, framing, keep_alive, {});
  return head;
}

void ResponseHeads::append_endless(std::string& out, Framing framing, bool keep_alive,
                                   std::string_view lines) {
  const TransportRow& row = row_of(framing.transport);
  std::string headers(is_for_administrators(framing.transport) ? kAdminHeaders : front_headers_);
  headers.append(lines).append(kUnbuffered);
  http::ResponseHead fields;
  fields.version_minor = framing.chunked ? 1 : 0;
  fields.keep_alive = keep_alive && framing.chunked;
  fields.content_type = row.content_type;
  fields.extra_headers = headers;
  fields.date = date();
  http::append_chunked_head(out, fields);
  append_chunk(out, framing, row.preamble);
  append_retry(out, framing, sse_retry_ms_);
}

void ResponseHeads::append_response(std::string& out, Port port, std::string_view content_type,
                                    bool keep_alive, std::string_view body) {
  complete(port, content_type, keep_alive).append_response(out, body);
}

void ResponseHeads::append_front_response(std::string& out, std::string_view content_type,
                                          bool keep_alive, std::string_view lines,
                                          std::string_view body) {
  if (lines.empty()) {
    append_response(out, Port::kFront, content_type, keep_alive, body);
    return;
  }
  const std::string headers = front_headers_ + std::string(lines);
  http::ResponseHead fields;
  fields.keep_alive = keep_alive;
  fields.content_type = content_type;
  fields.extra_headers = headers;
  fields.date = date();
  http::append_response(out, fields, body);
}

const http::HeadOfKnownLength& ResponseHeads::complete(Port port, std::string_view content_type,
                                                       bool keep_alive) {
  for (const CompleteHead& known : complete_) {
    if (known.port == port && known.keep_alive == keep_alive &&
        known.content_type == content_type) {
      return known.head;
    }
  }
  http::ResponseHead fields;
  fields.keep_alive = keep_alive;
  fields.content_type = content_type;
  if (port == Port::kFront) fields.extra_headers = front_headers_;
  fields.date = date();
  complete_.push_back({port, content_type, keep_alive, http::HeadOfKnownLength(fields)});
  return complete_.back().head;
}

}  // namespace comet
