// A blocking HTTP/1.1 client over one loopback socket, for tests of the whole server.
//
// It parses strictly what the server sends and shows the framing (chunks, headers, the end of the
// connection) instead of hiding it. Whatever does not come within patience() throws ClientError,
// which GoogleTest reports as the failure of the running test: nothing here can hang. One thread
// at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/eventually.h"

struct sockaddr;

namespace support {

class ClientError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Response {
  int status = 0;
  std::string status_line;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;                                          // all chunks together
  std::vector<std::string> chunks;                           // when chunked

  // The value of the first header of that name, "" when absent.
  [[nodiscard]] std::string header(std::string_view lower_case_name) const;
  [[nodiscard]] bool has_header(std::string_view lower_case_name) const;
  [[nodiscard]] bool chunked() const { return header("transfer-encoding") == "chunked"; }
};

enum class BodyRule : std::uint8_t {
  kByHeaders,
  kNone,  // the answer to HEAD
};

class Client {
 public:
  explicit Client(std::uint16_t port);  // 127.0.0.1
  // From another address of loopback, like "127.0.0.2".
  Client(std::uint16_t port, const std::string& from);
  static Client on_unix_socket(const std::string& path);
  ~Client();
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;

  void send(std::string_view bytes);
  // Sends as much as the peer takes. False when the peer is gone or takes nothing for `patience`.
  bool try_send(std::string_view bytes, std::chrono::milliseconds patience);
  // Sends a GET request. `headers` is lines, each with its CRLF.
  void get(std::string_view target, std::string_view headers = "");
  // Sends a POST request; no Content-Type when that is empty.
  void post(std::string_view target, std::string_view content_type, std::string_view body);

  // Status line and headers only.
  Response read_head();
  // A whole response. An interim one (1xx) counts as a response.
  Response read_response(BodyRule rule = BodyRule::kByHeaders);
  // The next chunk of a response whose head has been read. "" is the last chunk; nothing when the
  // connection ended before it.
  std::optional<std::string> next_chunk();
  // Bytes up to and including `delimiter`.
  std::string read_until(std::string_view delimiter);
  // So many bytes.
  std::string read_exactly(std::size_t count);
  // Bytes up to the end of the connection.
  std::string read_rest();
  // Whether the connection ends here; waits for another byte or the end.
  bool at_end();
  // The connection must end with nothing more on it.
  void expect_end();
  // Whether bytes or the end of the connection come within that time.
  bool wait_readable(std::chrono::milliseconds time);

  void shutdown_write();
  void close();
  void reset();  // closes with RST

 private:
  Client() = default;
  void connect(const sockaddr* address, unsigned size);

  // Reads more into buffer_. False at the end of the connection.
  bool fill(Clock::time_point end);
  void need_more(Clock::time_point end, std::string_view what);
  void take_body(Response& response, BodyRule rule, Clock::time_point end);
  std::optional<std::string> take_chunk(Clock::time_point end);
  std::string take(std::size_t count);
  [[nodiscard]] std::string_view unread() const;
  [[noreturn]] void fail(std::string_view what) const;

  int fd_ = -1;
  bool ended_ = false;
  std::string buffer_;
  std::size_t taken_ = 0;     // bytes of buffer_ that were handed out
  std::string last_request_;  // its first line, for messages
};

// Everything but letters, digits and "-._~" as %XX.
std::string url_encode(std::string_view raw);

}  // namespace support
