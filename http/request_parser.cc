#include "http/request_parser.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include "http/byte_scan.h"
#include "llhttp.h"
#include "reactor/check.h"

namespace http {
namespace {

// What a request line has beside its target, and the empty line at the end of a head.
constexpr std::size_t kHeadBytesBeside = 64;
// A chunk of one byte takes six.
constexpr std::size_t kRawBytesPerBodyByte = 8;
constexpr std::size_t kBodyBytesBeside = 1024;

// Bytes of a token (RFC 9110 5.6.2) in lower case, 0 for all others.
constexpr std::array<char, 256> kTokenLowerCase = [] {
  std::array<char, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) {
    table[static_cast<unsigned char>(c)] = c;
  }
  for (char c = 'A'; c <= 'Z'; ++c) {
    table[static_cast<unsigned char>(c)] = static_cast<char>(c - 'A' + 'a');
  }
  return table;
}();

char token_lower_case(char c) { return kTokenLowerCase[static_cast<unsigned char>(c)]; }

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return token_lower_case(a) == b; });
}

struct NeverInTarget {
  static bool is(unsigned char byte) { return byte <= ' ' || byte == 0x7f; }
#if defined(__SSE2__)
  static __m128i in(__m128i bytes) {
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ')), bytes);
    return _mm_or_si128(low, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
  }
#endif
};

Method method_of(std::uint8_t llhttp_method) {
  switch (llhttp_method) {
    case HTTP_GET:
      return Method::kGet;
    case HTTP_HEAD:
      return Method::kHead;
    case HTTP_POST:
      return Method::kPost;
    case HTTP_OPTIONS:
      return Method::kOptions;
    default:
      return Method::kOther;
  }
}

// The methods from PRI on are of HTTP/2's preface and of RTSP.
bool is_method_of_http1(std::uint8_t llhttp_method) { return llhttp_method < HTTP_PRI; }

}  // namespace

// llhttp is C, and no exception may pass through it: running out of memory ends the process.
struct RequestParser::Callbacks {
  static RequestParser& self(llhttp_t* machine) {
    return *static_cast<RequestParser*>(machine->data);
  }
  static llhttp_t& machine(RequestParser& parser) {
    return *std::launder(reinterpret_cast<llhttp_t*>(parser.machine_));
  }
  static const llhttp_t& machine(const RequestParser& parser) {
    return *std::launder(reinterpret_cast<const llhttp_t*>(parser.machine_));
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

  static const llhttp_settings_t kSettings;
};

const llhttp_settings_t RequestParser::Callbacks::kSettings = [] {
  llhttp_settings_t settings{};
  settings.on_url = on_url;
  settings.on_url_complete = on_url_complete;
  settings.on_version_complete = on_version_complete;
  settings.on_header_field = on_header_field;
  settings.on_header_field_complete = on_header_field_complete;
  settings.on_header_value = on_header_value;
  settings.on_header_value_complete = on_header_value_complete;
  settings.on_headers_complete = on_headers_complete;
  settings.on_chunk_header = on_chunk_header;
  settings.on_chunk_extension_name = on_chunk_extension;
  settings.on_chunk_extension_value = on_chunk_extension;
  settings.on_body = on_body;
  settings.on_chunk_complete = on_chunk_complete;
  settings.on_message_complete = on_message_complete;
  return settings;
}();

bool RequestParser::runs_on_this_cpu() {
#if defined(COMET_NEEDS_SSE42)
  return __builtin_cpu_supports("sse4.2") != 0;
#else
  return true;
#endif
}

RequestParser::RequestParser(const RequestLimits& limits) : limits_(limits) {
  static_assert(sizeof(llhttp_t) <= kMachineBytes);
  static_assert(alignof(llhttp_t) <= alignof(std::uint64_t));
  // Slices have 32 bits.
  CHECK(limits.target_bytes_max < std::numeric_limits<std::uint32_t>::max() / 2);
  CHECK(limits.header_bytes_max < std::numeric_limits<std::uint32_t>::max() / 2);
  auto* const machine = new (machine_) llhttp_t;
  llhttp_init(machine, HTTP_REQUEST, &Callbacks::kSettings);
  machine->data = this;
}

RequestParser::Progress RequestParser::parse(std::string_view bytes) {
  if (phase_ == Phase::kComplete) return {State::kComplete, 0};
  if (phase_ == Phase::kFailed) return {State::kFailed, 0};
  std::size_t at = 0;
  if (phase_ == Phase::kIdle) {
    at = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    if (at == bytes.size()) return {State::kNeedMore, at};
    phase_ = Phase::kHead;
    budget_ = limits_.target_bytes_max + limits_.header_bytes_max + kHeadBytesBeside;
  }
  llhttp_t& machine = Callbacks::machine(*this);
  for (;;) {
    std::string_view piece = bytes.substr(at, budget_);
    if (phase_ == Phase::kHead) piece = piece.substr(0, size_before_fold(piece));
    llhttp_resume(&machine);
    const llhttp_errno_t error = llhttp_execute(&machine, piece.data(), piece.size());
    if (error == HPE_OK || error == HPE_PAUSED) {
      if (error == HPE_PAUSED) {
        piece = piece.substr(
            0, static_cast<std::size_t>(llhttp_get_error_pos(&machine) - piece.data()));
      }
      at += piece.size();
      budget_ -= piece.size();
      remember_tail(piece);
    }
    if (error == HPE_PAUSED) {
      go_on_after_pause();
      if (phase_ == Phase::kComplete) return {State::kComplete, at};
    } else if (error != HPE_OK) {
      // A failure of our own callbacks is known already.
      if (phase_ != Phase::kFailed) fail_as_llhttp_did();
    } else if (phase_ == Phase::kHead && is_http_09()) {
      // Whoever sends it is waiting for the answer now, without headers to come.
      fail(505, "HTTP/0.9 is not supported");
    } else if (at == bytes.size()) {
      return {State::kNeedMore, at};
    } else if (budget_ == 0) {
      fail_over_budget();
    } else {
      fail(400, "header folded over several lines");
    }
    if (phase_ == Phase::kFailed) return {State::kFailed, bytes.size()};
  }
}

bool RequestParser::wants_continue() {
  if (phase_ != Phase::kBody || !continue_pending_) return false;
  continue_pending_ = false;
  return true;
}

void RequestParser::reset() {
  llhttp_reset(&Callbacks::machine(*this));
  phase_ = Phase::kIdle;
  target_complete_ = false;
  name_open_ = false;
  continue_pending_ = false;
  tail_[0] = tail_[1] = 0;
  header_bytes_ = 0;
  header_count_ = 0;
  target_size_ = 0;
  body_begin_ = 0;
  storage_.clear();
  if (storage_.capacity() > kKeptBytesMax) std::string().swap(storage_);
  headers_.clear();
  if (headers_.capacity() * sizeof(HeaderSlice) > kKeptBytesMax) {
    std::vector<HeaderSlice>().swap(headers_);
  }
  request_ = Request();
  failure_ = Failure();
}

int RequestParser::fail(int status, std::string_view reason) {
  phase_ = Phase::kFailed;
  failure_ = {status, reason};
  return HPE_USER;
}

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
  const llhttp_t& machine = Callbacks::machine(*this);
  if (machine.http_major != 1 || machine.method == HTTP_PRI) {
    return fail(505, "only HTTP/1.0 and HTTP/1.1 are supported");
  }
  if (!is_method_of_http1(machine.method)) return fail(501, "unknown method");
  return 0;
}

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
  for (std::size_t i = begin; i < storage_.size(); ++i) {
    storage_[i] = token_lower_case(storage_[i]);
    is_token &= storage_[i] != 0;
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

int RequestParser::end_head() {
  llhttp_t& machine = Callbacks::machine(*this);
  if (is_http_09()) return fail(505, "HTTP/0.9 is not supported");
  // We switch to no other protocol: without this, llhttp would stop reading HTTP after a CONNECT
  // or an Upgrade.
  machine.upgrade = 0;
  request_.version_minor = machine.http_minor;
  const bool closes = (machine.flags & F_CONNECTION_CLOSE) != 0;
  const bool asks_to_keep = (machine.flags & F_CONNECTION_KEEP_ALIVE) != 0;
  request_.keep_alive = !closes && (machine.http_minor >= 1 || asks_to_keep);
  if (const int error = look_at_framing_headers(); error != 0) return error;

  body_begin_ = storage_.size();
  const bool is_chunked = (machine.flags & F_CHUNKED) != 0;
  if (!is_chunked) {
    const std::uint64_t length = machine.content_length;
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

int RequestParser::look_at_framing_headers() {
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
    }
  }
  return 0;
}

int RequestParser::begin_chunk() {
  const std::size_t room = limits_.body_bytes_max - (storage_.size() - body_begin_);
  return Callbacks::machine(*this).content_length <= room ? 0 : fail(413, "body too large");
}

int RequestParser::add_body(std::string_view bytes) {
  // The limit was looked at when the length was known.
  DCHECK(bytes.size() <= limits_.body_bytes_max - (storage_.size() - body_begin_));
  storage_.append(bytes);
  return 0;
}

// How much of these bytes of a head may be parsed: up to a line that begins with white space.
// llhttp would join it to the line before (RFC 9112 5.2 wants it replaced or refused), even in the
// headers that frame the body.
std::size_t RequestParser::size_before_fold(std::string_view head) const {
  if (head.empty() || (tail_[1] == '\n' && is_blank(head.front()))) return 0;
  for (std::size_t line = 0;;) {
    const std::size_t line_feed = head.find('\n', line);
    if (line_feed >= head.size() - 1) return head.size();
    line = line_feed + 1;
    if (is_blank(head[line])) return line;
    // The empty line: the rest is body or another request.
    if (head[line] == '\r' || head[line] == '\n') return head.size();
  }
}

void RequestParser::remember_tail(std::string_view consumed) {
  if (consumed.empty()) return;
  tail_[0] = consumed.size() >= 2 ? consumed[consumed.size() - 2] : tail_[1];
  tail_[1] = consumed.back();
}

bool RequestParser::is_http_09() const {
  const llhttp_t& machine = Callbacks::machine(*this);
  return target_complete_ && machine.http_major == 0 && machine.http_minor == 9;
}

void RequestParser::go_on_after_pause() {
  // llhttp takes any byte for the LF after a CR at these places, and any two for the CRLF after a
  // chunk's data; another reader may see another message there.
  const bool ends_line = tail_[1] == '\n';
  const bool ends_line_strictly = ends_line && tail_[0] == '\r';
  switch (pause_) {
    case Pause::kHeadEnd:
      if (!ends_line) {
        fail(400, "CR without LF after the headers");
      } else if (phase_ == Phase::kHead) {
        publish();
      } else {
        budget_ = limits_.header_bytes_max + kBodyBytesBeside +
                  limits_.body_bytes_max * kRawBytesPerBodyByte;
      }
      break;
    case Pause::kChunkSizeEnd:
    case Pause::kChunkEnd:
      if (!ends_line_strictly) fail(400, "malformed chunk");
      break;
    case Pause::kMessageEnd:
      publish();
      break;
  }
}

void RequestParser::fail_over_budget() {
  if (phase_ == Phase::kBody) {
    fail(413, "too much around the chunks of the body");
  } else if (target_complete_) {
    fail(431, "headers too large");
  } else {
    fail(414, "request target too long");
  }
}

void RequestParser::fail_as_llhttp_did() {
  const llhttp_t& machine = Callbacks::machine(*this);
  if (phase_ == Phase::kHead && is_http_09()) {
    fail(505, "HTTP/0.9 is not supported");
    return;
  }
  switch (llhttp_get_errno(&machine)) {
    case HPE_INVALID_METHOD:
      // Another method, or another protocol (a TLS handshake, say)?
      if (token_lower_case(*llhttp_get_error_pos(&machine)) != 0) {
        fail(501, "unknown method");
      } else {
        fail(400, "malformed request line");
      }
      break;
    case HPE_INVALID_URL:
      fail(400, "malformed request target");
      break;
    case HPE_INVALID_CONSTANT:
      if (is_method_of_http1(machine.method)) {
        fail(400, "malformed request line");
      } else {
        fail(501, "unknown method");
      }
      break;
    case HPE_INVALID_VERSION:
      if (machine.http_major > 1 || machine.http_minor > 1) {
        fail(505, "only HTTP/1.0 and HTTP/1.1 are supported");
      } else {
        fail(400, "malformed request line");
      }
      break;
    case HPE_INVALID_HEADER_TOKEN:
    case HPE_UNEXPECTED_SPACE:
      fail(400, "invalid character in header");
      break;
    case HPE_UNEXPECTED_CONTENT_LENGTH:
      fail(400, "Content-Length twice or beside Transfer-Encoding");
      break;
    case HPE_INVALID_CONTENT_LENGTH:
      fail(400, "malformed Content-Length");
      break;
    case HPE_INVALID_TRANSFER_ENCODING:
      fail(400, "malformed Transfer-Encoding");
      break;
    case HPE_INVALID_CHUNK_SIZE:
      fail(400, "malformed chunk");
      break;
    case HPE_CR_EXPECTED:
    case HPE_LF_EXPECTED:
      fail(400, "CR or LF out of place");
      break;
    default:
      fail(400, "malformed request");
      break;
  }
}

void RequestParser::publish() {
  const llhttp_t& machine = Callbacks::machine(*this);
  const std::string_view storage = storage_;
  if (phase_ == Phase::kBody) request_.body = storage.substr(body_begin_);
  phase_ = Phase::kComplete;
  request_.method = method_of(machine.method);
  request_.method_name = llhttp_method_name(static_cast<llhttp_method_t>(machine.method));
  request_.target = storage.substr(0, target_size_);
  request_.storage = storage.data();
  request_.headers = headers_;
  request_.content_type = request_.header("content-type");
  request_.accept = request_.header("accept");
  publish_path();
}

// RFC 9112 3.2: origin-form, absolute-form of proxies' clients, authority-form of CONNECT, "*".
void RequestParser::publish_path() {
  std::string_view path = request_.target.substr(0, request_.target.find('#'));
  if (const std::size_t mark = path.find('?'); mark != std::string_view::npos) {
    request_.query = path.substr(mark + 1);
    path = path.substr(0, mark);
  }
  if (!path.starts_with('/')) {
    if (const std::size_t scheme_end = path.find("://"); scheme_end != std::string_view::npos) {
      const std::size_t slash = path.find('/', scheme_end + 3);
      path = slash == std::string_view::npos ? std::string_view("/") : path.substr(slash);
    }
  }
  request_.path = path;
}

}  // namespace http
