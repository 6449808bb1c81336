// Bytes in, requests out: an adaptor of llhttp (RFC 9112), one request at a time, cut anywhere.
//
// Owned by one connection, or by a core that lends it to one; only that core may call it. It copies
// what it keeps, so the bytes given to parse() may go as soon as it returns.
//
// Invariants: how the bytes were cut changes neither the request nor whether it is refused; only of
// two faults in one name or target it may decide which is reported. Memory is bounded by the
// limits, whatever arrives. A parser that has seen a request of the usual size allocates nothing
// for the next. No byte after a request is consumed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"

struct llhttp__internal_s;
struct llhttp_settings_s;

namespace http {

struct RequestLimits {
  std::size_t target_bytes_max = 64 * 1024;      // more: 414
  std::size_t header_bytes_max = 32 * 1024;      // name, value, 4 for ": " and CRLF; more: 431
  std::size_t header_count_max = 100;            // more: 431
  std::size_t body_bytes_max = 8 * 1024 * 1024;  // chunks decoded; more: 413
};

// Why a request was refused. The connection must be closed after the answer: where the next request
// would begin is unknown.
struct Failure {
  int status = 0;           // 400, 413, 414, 417, 431, 501 or 505
  std::string_view reason;  // one line without its newline; lives as long as the program
};

class RequestParser {
 public:
  enum class State : std::uint8_t { kNeedMore, kComplete, kFailed };

  struct Progress {
    State state = State::kNeedMore;
    std::size_t consumed = 0;  // after kComplete, the bytes beyond belong to the next request
  };

  // Whether this CPU has the instructions that llhttp was compiled for; without them, parsing would
  // end the process.
  static bool runs_on_this_cpu();

  explicit RequestParser(const RequestLimits& limits);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // HOT. After kComplete or kFailed further calls consume nothing and say the same until reset().
  Progress parse(std::string_view bytes);

  // After kComplete.
  [[nodiscard]] const Request& request() const { return request_; }

  // No byte of a request seen; the empty lines of RFC 9112 2.2 don't count.
  [[nodiscard]] bool idle() const { return phase_ == Phase::kIdle; }
  // The header section is complete and a body outstanding (which timeout applies).
  [[nodiscard]] bool in_body() const { return phase_ == Phase::kBody; }
  // True once per request: the client waits for "100 Continue" before it sends its body.
  bool wants_continue();

  // Bytes of the text of what has arrived, and those that are held for it.
  [[nodiscard]] std::size_t size() const { return storage_.size(); }
  [[nodiscard]] std::size_t memory() const {
    return storage_.capacity() + headers_.capacity() * sizeof(HeaderSlice);
  }

  // After kFailed.
  [[nodiscard]] Failure failure() const { return failure_; }

  // Makes ready for the next request. Keeps storage, up to kKeptBytesMax.
  void reset();

  static constexpr std::size_t kKeptBytesMax = 64 * 1024;

 private:
  struct Callbacks;
  static const llhttp_settings_s kCallbacks;
  enum class Phase : std::uint8_t { kIdle, kHead, kBody, kComplete, kFailed };
  // llhttp tells where it stands only when it is paused.
  enum class Pause : std::uint8_t { kHeadEnd, kChunkSizeEnd, kChunkEnd, kMessageEnd };

  int fail(int status, std::string_view reason);
  int add_target(std::string_view bytes);
  int end_version();
  int add_header_name(std::string_view bytes);
  int end_header_name();
  int add_header_value(std::string_view bytes);
  void end_header_value();
  int count_header_bytes(std::size_t bytes);
  int end_head();
  int begin_chunk();
  int add_body(std::string_view bytes);
  int look_at_headers();

  [[nodiscard]] llhttp__internal_s& machine() {
    return *std::launder(reinterpret_cast<llhttp__internal_s*>(machine_));
  }
  [[nodiscard]] const llhttp__internal_s& machine() const {
    return *std::launder(reinterpret_cast<const llhttp__internal_s*>(machine_));
  }
  [[nodiscard]] std::size_t size_before_fold(std::string_view head) const;
  void remember_tail(std::string_view consumed);
  [[nodiscard]] bool is_http_09() const;
  [[nodiscard]] bool has_method_of_http1() const;
  void go_on_after_pause();
  void fail_over_budget();
  void fail_as_llhttp_did();
  void publish();
  void publish_path();

  // llhttp's state lives here in place, but untyped, so that its header stays within http/.
  static constexpr std::size_t kMachineBytes = 128;
  alignas(std::uint64_t) std::byte machine_[kMachineBytes];

  const RequestLimits limits_;
  Phase phase_ = Phase::kIdle;
  Pause pause_ = Pause::kHeadEnd;
  bool target_complete_ = false;
  bool name_open_ = false;         // within the name of a header or trailer field
  bool continue_pending_ = false;  // wants_continue() has not said so yet
  char tail_[2] = {0, 0};          // the two bytes of the request consumed last
  // How many more bytes may arrive before the request is refused. Counts also what llhttp passes
  // over without telling us (white space, zeros before a chunk size), so that it has a bound, too.
  std::size_t budget_ = 0;
  std::size_t header_bytes_ = 0;  // with trailer fields
  std::size_t header_count_ = 0;  // with trailer fields
  std::size_t target_size_ = 0;
  std::size_t body_begin_ = 0;
  // Target, then names and values, then body: one growing string, views made when it is complete.
  std::string storage_;
  std::vector<HeaderSlice> headers_;
  HeaderSlice content_type_;
  HeaderSlice accept_;
  Request request_;
  Failure failure_;
};

}  // namespace http
