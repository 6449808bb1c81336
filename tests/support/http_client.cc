#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace support {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, std::min<std::size_t>(text.find_first_of(kLineEnd), 120)));
}

// -1 at the deadline.
int wait_for(int fd, short events, Clock::time_point end) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count() + 1;
    if (left <= 0) return -1;
    pollfd entry{fd, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(left));
    if (ready > 0) return 0;
    if (ready < 0 && errno != EINTR) return -1;
  }
}

}  // namespace

std::string Response::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

bool Response::has_header(std::string_view lower_case_name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return header.first == lower_case_name; });
}

namespace {

sockaddr_in loopback(std::uint16_t port, const std::string& address = "127.0.0.1") {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &result.sin_addr);
  return result;
}

}  // namespace

Client::Client(std::uint16_t port) : Client(port, "127.0.0.1") {}

Client::Client(std::uint16_t port, const std::string& from) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd_ < 0) fail("socket: " + std::string(std::strerror(errno)));
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (from != "127.0.0.1") {
    const sockaddr_in source = loopback(0, from);
    ::bind(fd_, reinterpret_cast<const sockaddr*>(&source), sizeof source);
  }
  const sockaddr_in to = loopback(port);
  connect(reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

Client Client::on_unix_socket(const std::string& path) {
  Client client;
  client.fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (client.fd_ < 0) client.fail("socket: " + std::string(std::strerror(errno)));
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  client.connect(reinterpret_cast<const sockaddr*>(&to), sizeof to);
  return client;
}

void Client::connect(const sockaddr* address, unsigned size) {
  if (::connect(fd_, address, size) == 0) return;
  int error = errno;
  if (error == EINPROGRESS) {
    if (wait_for(fd_, POLLOUT, Clock::now() + patience()) != 0) {
      close();
      fail("could not connect in time");
    }
    socklen_t error_size = sizeof error;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &error_size);
  }
  if (error != 0) {
    close();
    fail("could not connect: " + std::string(std::strerror(error)));
  }
}

Client::~Client() { close(); }

Client::Client(Client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      ended_(other.ended_),
      buffer_(std::move(other.buffer_)),
      taken_(other.taken_),
      last_request_(std::move(other.last_request_)) {}

Client& Client::operator=(Client&& other) noexcept {
  if (this == &other) return *this;
  close();
  fd_ = std::exchange(other.fd_, -1);
  ended_ = other.ended_;
  buffer_ = std::move(other.buffer_);
  taken_ = other.taken_;
  last_request_ = std::move(other.last_request_);
  return *this;
}

bool Client::try_send(std::string_view bytes, std::chrono::milliseconds patience) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (wait_for(fd_, POLLOUT, Clock::now() + patience) != 0) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

void Client::send(std::string_view bytes) {
  last_request_ = first_line(bytes);
  if (!try_send(bytes, patience())) fail("the server took no more bytes or is gone");
}

void Client::get(std::string_view target, std::string_view headers) {
  std::string request;
  request.append("GET ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  send(request.append(headers).append(kLineEnd));
}

void Client::post(std::string_view target, std::string_view content_type, std::string_view body) {
  std::string request;
  request.append("POST ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  if (!content_type.empty()) {
    request.append("Content-Type: ").append(content_type).append(kLineEnd);
  }
  request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  send(request.append(body));
}

Response Client::read_head() {
  const auto end = Clock::now() + patience();
  std::size_t size = 0;
  while ((size = unread().find("\r\n\r\n")) == std::string_view::npos) need_more(end, "a head");
  const std::string head = take(size + 4);

  Response response;
  std::string_view rest = head;
  const auto next_line = [&rest] {
    const std::size_t line_end = rest.find(kLineEnd);
    const std::string_view line = rest.substr(0, line_end);
    rest.remove_prefix(line_end + kLineEnd.size());
    return line;
  };
  response.status_line = next_line();
  const std::string_view line = response.status_line;
  if (!line.starts_with("HTTP/1.1 ") || line.size() < 13 || line[12] != ' ') {
    fail("bad status line: " + response.status_line);
  }
  const auto [after, error] = std::from_chars(line.data() + 9, line.data() + 12, response.status);
  if (error != std::errc{} || after != line.data() + 12) {
    fail("bad status line: " + response.status_line);
  }
  for (;;) {
    const std::string_view field = next_line();
    if (field.empty()) break;
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos || colon == 0 || field[colon - 1] == ' ' ||
        field.find_first_of("\r\n") != std::string_view::npos) {
      fail("bad header line: " + std::string(field));
    }
    response.headers.emplace_back(lower(field.substr(0, colon)), trim(field.substr(colon + 1)));
  }
  return response;
}

Response Client::read_response(BodyRule rule) {
  Response response = read_head();
  take_body(response, rule, Clock::now() + patience());
  return response;
}

void Client::take_body(Response& response, BodyRule rule, Clock::time_point end) {
  if (rule == BodyRule::kNone || response.status < 200 || response.status == 204) return;
  const std::string length = response.header("content-length");
  if (response.chunked()) {
    if (!length.empty()) fail("both Transfer-Encoding and Content-Length");
    for (;;) {
      std::optional<std::string> chunk = take_chunk(end);
      if (!chunk) fail("the connection ended before the last chunk");
      if (chunk->empty()) return;
      response.body += *chunk;
      response.chunks.push_back(std::move(*chunk));
    }
  }
  if (response.has_header("transfer-encoding")) fail("an unknown Transfer-Encoding");
  if (length.empty()) {
    while (fill(end)) {
    }
    response.body = take(unread().size());
    return;
  }
  std::size_t size = 0;
  const auto [after, error] = std::from_chars(length.data(), length.data() + length.size(), size);
  if (error != std::errc{} || after != length.data() + length.size()) {
    fail("bad Content-Length: " + length);
  }
  while (unread().size() < size) need_more(end, "a body of " + length + " bytes");
  response.body = take(size);
}

std::optional<std::string> Client::next_chunk() { return take_chunk(Clock::now() + patience()); }

std::optional<std::string> Client::take_chunk(Clock::time_point end) {
  std::size_t line_end = 0;
  while ((line_end = unread().find(kLineEnd)) == std::string_view::npos) {
    if (fill(end)) continue;
    if (!unread().empty()) fail("the connection ended within a chunk's size");
    return std::nullopt;
  }
  std::size_t size = 0;
  const std::string line = take(line_end + 2);
  const auto [after, error] = std::from_chars(line.data(), line.data() + line_end, size, 16);
  if (error != std::errc{} || after != line.data() + line_end || line_end == 0) {
    fail("bad chunk size: " + line);
  }
  while (unread().size() < size + 2) need_more(end, "a chunk of " + std::to_string(size));
  std::string chunk = take(size);
  if (take(2) != kLineEnd) fail("a chunk without CRLF after it");
  return chunk;
}

std::string Client::read_until(std::string_view delimiter) {
  const auto end = Clock::now() + patience();
  std::size_t found = 0;
  while ((found = unread().find(delimiter)) == std::string_view::npos) {
    need_more(end, "a delimiter");
  }
  return take(found + delimiter.size());
}

std::string Client::read_exactly(std::size_t count) {
  const auto end = Clock::now() + patience();
  while (unread().size() < count) need_more(end, std::to_string(count) + " bytes");
  return take(count);
}

std::string Client::read_rest() {
  const auto end = Clock::now() + patience();
  while (fill(end)) {
  }
  return take(unread().size());
}

bool Client::at_end() { return unread().empty() && !fill(Clock::now() + patience()); }

void Client::expect_end() {
  if (const std::string rest = read_rest(); !rest.empty()) {
    fail("expected the end of the connection, but read: " + rest.substr(0, 500));
  }
}

bool Client::wait_readable(std::chrono::milliseconds time) {
  return !unread().empty() || wait_for(fd_, POLLIN, Clock::now() + time) == 0;
}

void Client::shutdown_write() { ::shutdown(fd_, SHUT_WR); }

void Client::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Client::reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close();
}

bool Client::fill(Clock::time_point end) {
  if (ended_) return false;
  char chunk[65536];
  for (;;) {
    const ssize_t count = ::recv(fd_, chunk, sizeof chunk, 0);
    if (count > 0) {
      buffer_.append(chunk, static_cast<std::size_t>(count));
      return true;
    }
    // A reset is an end as good as any: the server may close while our bytes are on their way.
    if (count == 0 || errno == ECONNRESET || errno == EPIPE) {
      ended_ = true;
      return false;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) fail("recv: " + std::string(std::strerror(errno)));
    if (wait_for(fd_, POLLIN, end) != 0) fail("nothing more came in time");
  }
}

void Client::need_more(Clock::time_point end, std::string_view what) {
  if (!fill(end)) fail("the connection ended while reading " + std::string(what));
}

std::string Client::take(std::size_t count) {
  std::string result = buffer_.substr(taken_, count);
  taken_ += count;
  if (taken_ == buffer_.size()) {
    buffer_.clear();
    taken_ = 0;
  } else if (taken_ > (std::size_t{1} << 20)) {
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
  return result;
}

std::string_view Client::unread() const { return std::string_view(buffer_).substr(taken_); }

void Client::fail(std::string_view what) const {
  std::string message(what);
  message.append("; last request: ").append(last_request_);
  message.append("; unread bytes: \"").append(unread().substr(0, 500)).append("\"");
  throw ClientError(message);
}

std::string url_encode(std::string_view raw) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~";
  std::string encoded;
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       kPlain.find(c) != std::string_view::npos;
    if (plain) {
      encoded.push_back(c);
    } else {
      encoded.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return encoded;
}

}  // namespace support
