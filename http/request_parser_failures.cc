// The part of RequestParser that says why a request is refused.
#include "http/request_parser.h"
#include "http/token.h"
#include "llhttp.h"

namespace http {

int RequestParser::fail(int status, std::string_view reason) {
  phase_ = Phase::kFailed;
  failure_ = {status, reason};
  return HPE_USER;
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
  if (phase_ == Phase::kHead && is_http_09()) {
    fail(505, "HTTP/0.9 is not supported");
    return;
  }
  switch (llhttp_get_errno(&machine())) {
    case HPE_INVALID_METHOD:
      // Another method, or another protocol (a TLS handshake, say)?
      if (token_lower_case(*llhttp_get_error_pos(&machine())) != 0) {
        fail(501, "unknown method");
      } else {
        fail(400, "malformed request line");
      }
      break;
    case HPE_INVALID_URL:
      fail(400, "malformed request target");
      break;
    case HPE_INVALID_CONSTANT:
      if (has_method_of_http1()) {
        fail(400, "malformed request line");
      } else {
        fail(501, "unknown method");
      }
      break;
    case HPE_INVALID_VERSION:
      if (machine().http_major > 1 || machine().http_minor > 1) {
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

}  // namespace http
