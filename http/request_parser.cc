#include "http/request_parser.h"

#include <algorithm>
#include <limits>

#include "http/ascii.h"
#include "llhttp.h"
#include "reactor/check.h"

namespace http {
namespace {

// What a request line has beside its target, and the empty line at the end of a head.
constexpr std::size_t kHeadBytesBeside = 64;
// A chunk of one byte takes six.
constexpr std::size_t kRawBytesPerBodyByte = 8;
constexpr std::size_t kBodyBytesBeside = 1024;

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

}  // namespace

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
  new (machine_) llhttp_t;
  llhttp_init(&machine(), HTTP_REQUEST, &kCallbacks);
  machine().data = this;
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
  for (;;) {
    std::string_view piece = bytes.substr(at, budget_);
    if (phase_ == Phase::kHead) piece = piece.substr(0, size_before_fold(piece));
    llhttp_resume(&machine());
    const llhttp_errno_t error = llhttp_execute(&machine(), piece.data(), piece.size());
    if (error == HPE_OK || error == HPE_PAUSED) {
      if (error == HPE_PAUSED) {
        piece = piece.substr(
            0, static_cast<std::size_t>(llhttp_get_error_pos(&machine()) - piece.data()));
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
  llhttp_reset(&machine());
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
  content_type_ = accept_ = HeaderSlice();
  headers_.clear();
  if (headers_.capacity() * sizeof(HeaderSlice) > kKeptBytesMax) {
    std::vector<HeaderSlice>().swap(headers_);
  }
  request_ = Request();
  failure_ = Failure();
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

void RequestParser::publish() {
  const std::string_view storage = storage_;
  if (phase_ == Phase::kBody) request_.body = storage.substr(body_begin_);
  phase_ = Phase::kComplete;
  request_.method = method_of(machine().method);
  request_.method_name = llhttp_method_name(static_cast<llhttp_method_t>(machine().method));
  request_.target = storage.substr(0, target_size_);
  request_.storage = storage.data();
  request_.headers = headers_;
  request_.content_type = request_.value_of(content_type_);
  request_.accept = request_.value_of(accept_);
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
