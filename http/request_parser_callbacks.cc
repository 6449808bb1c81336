// The part of RequestParser that llhttp calls: what has arrived, piece by piece.
#include <algorithm>
#include <span>

#include "http/ascii.h"
#include "http/byte_scan.h"
#include "http/request_parser.h"
#include "http/token.h"
#include "llhttp.h"
#include "reactor/check.h"

namespace http {
namespace {

struct NeverInTarget {
  static bool is(unsigned char byte) { return byte <= ' ' || byte == 0x7f; }
#if defined(__SSE2__)
  static __m128i in(__m128i bytes) {
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ')), bytes);
    return _mm_or_si128(low, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
  }
#endif
};

}  // namespace

// llhttp is C, and no exception may pass through it: running out of memory ends the process.
struct RequestParser::Callbacks {
  static RequestParser& self(llhttp_t* machine) {
    return *static_cast<RequestParser*>(machine->data);
  }

  static int on_url(llhttp_t* m, const char* at, std::size_t size) noexcept {
    return self(m).add_target({at, size});
  }
  static int on_url_complete(llhttp_t* m) noexcept {
    self(m).target_complete_ = true;
    return 0;
  }
  static int on_version_complete(llhttp_t* m) noexcept { return self(m).end_version(); }
  static int on_header_field(llhttp_t* m, const char* at, std::size_t size) noexcept {
    return self(m).add_header_name({at, size});
  }
  static int on_header_field_complete(llhttp_t* m) noexcept { return self(m).end_header_name(); }
  static int on_header_value(llhttp_t* m, const char* at, std::size_t size) noexcept {
    return self(m).add_header_value({at, size});
  }
  static int on_header_value_complete(llhttp_t* m) noexcept {
    self(m).end_header_value();
    return 0;
  }
  static int on_headers_complete(llhttp_t* m) noexcept {
    const int error = self(m).end_head();
    return error != 0 ? error : pause(m, Pause::kHeadEnd);
  }
  static int on_chunk_header(llhttp_t* m) noexcept {
    const int error = self(m).begin_chunk();
    return error != 0 ? error : pause(m, Pause::kChunkSizeEnd);
  }
  static int on_chunk_extension(llhttp_t* m, const char*, std::size_t size) noexcept {
    RequestParser& parser = self(m);
    parser.header_bytes_ += size;
    if (parser.header_bytes_ <= parser.limits_.header_bytes_max) return 0;
    return parser.fail(413, "chunk extensions too large");
  }
  static int on_body(llhttp_t* m, const char* at, std::size_t size) noexcept {
    return self(m).add_body({at, size});
  }
  static int on_chunk_complete(llhttp_t* m) noexcept { return pause(m, Pause::kChunkEnd); }
  static int on_message_complete(llhttp_t* m) noexcept { return pause(m, Pause::kMessageEnd); }

  static int pause(llhttp_t* m, Pause why) {
    self(m).pause_ = why;
    return HPE_PAUSED;
  }
};

constinit const llhttp_settings_t RequestParser::kCallbacks = [] {
  llhttp_settings_t settings{};
  settings.on_url = Callbacks::on_url;
  settings.on_url_complete = Callbacks::on_url_complete;
  settings.on_version_complete = Callbacks::on_version_complete;
  settings.on_header_field = Callbacks::on_header_field;
  settings.on_header_field_complete = Callbacks::on_header_field_complete;
  settings.on_header_value = Callbacks::on_header_value;
  settings.on_header_value_complete = Callbacks::on_header_value_complete;
  settings.on_headers_complete = Callbacks::on_headers_complete;
  settings.on_chunk_header = Callbacks::on_chunk_header;
  settings.on_chunk_extension_name = Callbacks::on_chunk_extension;
  settings.on_chunk_extension_value = Callbacks::on_chunk_extension;
  settings.on_body = Callbacks::on_body;
  settings.on_chunk_complete = Callbacks::on_chunk_complete;
  settings.on_message_complete = Callbacks::on_message_complete;
  return settings;
}();

// --- The request line -------------------------------------------------------------------------

int RequestParser::add_target(std::string_view bytes) {
  if (bytes.size() > limits_.target_bytes_max - target_size_) {
    return fail(414, "request target too long");
  }
  // llhttp lets a tab and a form feed pass (RFC 3986 2 does not).
  const char* const end = bytes.data() + bytes.size();
  if (find_first<NeverInTarget>(bytes.data(), end) != end)
    return fail(400, "control character in request target");
  storage_.append(bytes);
  target_size_ += bytes.size();
  return 0;
}

int RequestParser::end_version() {
  if (machine().http_major != 1 || machine().method == HTTP_PRI) {
    return fail(505, "only HTTP/1.0 and HTTP/1.1 are supported");
  }
  if (!has_method_of_http1()) return fail(501, "unknown method");
  return 0;
}

// --- Headers and trailers -----------------------------------------------------------------------

int RequestParser::add_header_name(std::string_view bytes) {
  if (!name_open_) {
    // Version 0.9 has no headers; llhttp reads some.
    if (is_http_09()) return fail(505, "HTTP/0.9 is not supported");
    if (++header_count_ > limits_.header_count_max) return fail(431, "too many headers");
    name_open_ = true;
    if (phase_ == Phase::kHead) {
      headers_.push_back({.name_begin = static_cast<std::uint32_t>(storage_.size())});
    }
    if (const int error = count_header_bytes(4); error != 0) return error;
  }
  if (const int error = count_header_bytes(bytes.size()); error != 0) return error;
  // Trailer fields are read, but not kept (RFC 9110 6.5.1 allows that).
  if (phase_ != Phase::kHead) return 0;
  const std::size_t begin = storage_.size();
  storage_.append(bytes);
  bool is_token = true;
  for (char& c : std::span(storage_).subspan(begin)) {
    c = token_lower_case(c);
    is_token &= c != 0;
  }
  // llhttp lets a space pass; one before the colon has been used to smuggle (RFC 9112 5.1).
  return is_token ? 0 : fail(400, "invalid character in header name");
}

int RequestParser::end_header_name() {
  name_open_ = false;
  if (phase_ != Phase::kHead) return 0;
  HeaderSlice& header = headers_.back();
  header.value_begin = static_cast<std::uint32_t>(storage_.size());
  header.name_size = header.value_begin - header.name_begin;
  return header.name_size != 0 ? 0 : fail(400, "empty header name");
}

int RequestParser::add_header_value(std::string_view bytes) {
  if (const int error = count_header_bytes(bytes.size()); error != 0) return error;
  if (phase_ == Phase::kHead) storage_.append(bytes);
  return 0;
}

void RequestParser::end_header_value() {
  if (phase_ != Phase::kHead) return;
  HeaderSlice& header = headers_.back();
  // llhttp takes the white space before a value away, but not that after it.
  std::size_t end = storage_.size();
  while (end > header.value_begin && is_blank(storage_[end - 1])) --end;
  header.value_size = static_cast<std::uint32_t>(end) - header.value_begin;
}

int RequestParser::count_header_bytes(std::size_t bytes) {
  header_bytes_ += bytes;
  return header_bytes_ <= limits_.header_bytes_max ? 0 : fail(431, "headers too large");
}

// --- The end of the head ------------------------------------------------------------------------

int RequestParser::end_head() {
  if (is_http_09()) return fail(505, "HTTP/0.9 is not supported");
  // We switch to no other protocol: without this, llhttp would stop reading HTTP after a CONNECT
  // or an Upgrade.
  machine().upgrade = 0;
  request_.version_minor = machine().http_minor;
  const bool closes = (machine().flags & F_CONNECTION_CLOSE) != 0;
  const bool asks_to_keep = (machine().flags & F_CONNECTION_KEEP_ALIVE) != 0;
  request_.keep_alive = !closes && (machine().http_minor >= 1 || asks_to_keep);
  if (const int error = look_at_headers(); error != 0) return error;

  body_begin_ = storage_.size();
  const bool is_chunked = (machine().flags & F_CHUNKED) != 0;
  if (!is_chunked) {
    const std::uint64_t length = machine().content_length;
    if (length > limits_.body_bytes_max) return fail(413, "body too large");
    if (length == 0) return 0;
    // Beyond that a client must have sent what it makes us hold.
    storage_.reserve(body_begin_ +
                     static_cast<std::size_t>(std::min<std::uint64_t>(length, kKeptBytesMax - 1)));
  }
  phase_ = Phase::kBody;
  continue_pending_ = request_.expects_continue;
  return 0;
}

// Once at all of them: what frames the body, and what is asked for of nearly every request.
int RequestParser::look_at_headers() {
  for (const HeaderSlice& header : headers_) {
    const std::string_view name(storage_.data() + header.name_begin, header.name_size);
    const std::string_view value(storage_.data() + header.value_begin, header.value_size);
    if (name == "transfer-encoding") {
      // llhttp has no objection to "gzip, chunked", and reads an empty one as none.
      if (!equals_ignoring_case(value, "chunked")) return fail(501, "unknown transfer coding");
      // The framing of such a message is suspect (RFC 9112 6.1).
      if (request_.version_minor == 0) request_.keep_alive = false;
    } else if (name == "expect" && request_.version_minor >= 1) {
      if (!equals_ignoring_case(value, "100-continue")) return fail(417, "unknown expectation");
      request_.expects_continue = true;
    } else if (name == "content-type") {
      if (content_type_.name_size == 0) content_type_ = header;
    } else if (name == "accept") {
      if (accept_.name_size == 0) accept_ = header;
    }
  }
  return 0;
}

// --- The body ----------------------------------------------------------------------------------

int RequestParser::begin_chunk() {
  const std::size_t room = limits_.body_bytes_max - (storage_.size() - body_begin_);
  return machine().content_length <= room ? 0 : fail(413, "body too large");
}

int RequestParser::add_body(std::string_view bytes) {
  // The limit was looked at when the length was known.
  DCHECK(bytes.size() <= limits_.body_bytes_max - (storage_.size() - body_begin_));
  storage_.append(bytes);
  return 0;
}

// --- Versions and methods ----------------------------------------------------------------------

// The methods from PRI on are of HTTP/2's preface and of RTSP.
bool RequestParser::has_method_of_http1() const { return machine().method < HTTP_PRI; }

bool RequestParser::is_http_09() const {
  return target_complete_ && machine().http_major == 0 && machine().http_minor == 9;
}

}  // namespace http
