// The floor: the least that fan-out can cost on this machine and kernel.
//
// A bare epoll loop, no parser and no channels. It accepts, answers a head, keeps an array of
// sockets, and for each publish sends one shared buffer to every one of them; publishes that arrive
// in one read are joined into one buffer. What comet-server takes beyond this is what it costs.
//
// It speaks just enough HTTP for the load generator: a request is what ends with an empty line.
// The front port answers with the head of an endless chunked response, the admin port with a short
// answer, and every publish makes the same message, but for its number.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 14\r\n\r\n"
    "{\"type\":\"ok\"}\n";
constexpr std::string_view kRequestEnd = "\r\n\r\n";
// One byte less than an end, so that no end is counted twice.
constexpr std::size_t kTailBytes = kRequestEnd.size() - 1;
using Tail = std::array<char, kTailBytes>;
constexpr std::size_t kSeqDigits = 10;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

int listen_on(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("bind");
  if (listen(fd, 65535) != 0) die("listen");
  return fd;
}

// One message as /stream sends it, with a number of fixed width so that only its digits change.
class Message {
 public:
  explicit Message(std::size_t content_bytes) {
    const std::string before = "{\"type\":\"data\",\"cname\":\"c0\",\"seq\":";
    const std::string after = ",\"content\":\"" + std::string(content_bytes, 'x') + "\"}\n";
    std::array<char, 32> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", before.size() + kSeqDigits + after.size());
    chunk_ = size.data() + before;
    seq_at_ = chunk_.size();
    chunk_ += std::string(kSeqDigits, '0') + after + "\r\n";
  }

  void append_next(std::string& out) {
    std::uint64_t rest = ++seq_;
    for (std::size_t i = kSeqDigits; i-- > 0; rest /= 10) {
      chunk_[seq_at_ + i] = static_cast<char>('0' + rest % 10);
    }
    out.append(chunk_);
  }

 private:
  std::string chunk_;
  std::size_t seq_at_;
  std::uint64_t seq_ = 0;
};

class Floor {
 public:
  Floor(std::uint16_t front_port, std::uint16_t admin_port, std::size_t content_bytes)
      : epoll_(epoll_create1(0)),
        front_(listen_on(front_port)),
        admin_(listen_on(admin_port)),
        message_(content_bytes) {
    watch(front_, kListener);
    watch(admin_, kListener);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 512> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)].data.u64);
    }
  }

 private:
  enum Kind : std::uint64_t { kListener = 0, kFront = 1, kAdmin = 2 };

  void watch(int fd, Kind kind) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = (static_cast<std::uint64_t>(kind) << 32) | static_cast<std::uint32_t>(fd);
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
  }

  void handle(std::uint64_t token) {
    const int fd = static_cast<int>(token & 0xffffffff);
    const Kind kind = static_cast<Kind>(token >> 32);
    if (kind == kListener) {
      accept_from(fd);
      return;
    }
    // In front of what is read now stand the last bytes read before: an end may come in two parts.
    Tail& tail = tails_[static_cast<std::size_t>(fd)];
    std::copy(tail.begin(), tail.end(), input_.begin());
    const ssize_t got = recv(fd, input_.data() + kTailBytes, input_.size() - kTailBytes, 0);
    if (got <= 0) {
      if (got == 0 || errno != EAGAIN) leave(fd, kind);
      return;
    }
    const std::string_view seen(input_.data(), kTailBytes + static_cast<std::size_t>(got));
    std::copy_n(seen.end() - kTailBytes, kTailBytes, tail.begin());
    const std::size_t requests = count_requests(seen);
    if (requests == 0) return;
    if (kind == kFront) {
      sockets_.push_back(fd);
      transmit(fd, kHead);
    } else {
      publish(requests);
      output_.clear();
      for (std::size_t i = 0; i < requests; ++i) output_.append(kAnswer);
      transmit(fd, output_);
    }
  }

  void accept_from(int listener) {
    for (int i = 0; i < 256; ++i) {
      const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
      if (fd < 0) return;
      tails_.resize(std::max(tails_.size(), static_cast<std::size_t>(fd) + 1));
      tails_[static_cast<std::size_t>(fd)] = {};
      watch(fd, listener == front_ ? kFront : kAdmin);
    }
  }

  static std::size_t count_requests(std::string_view bytes) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = bytes.find(kRequestEnd, at)) != std::string_view::npos;) {
      ++count;
      at += kRequestEnd.size();
    }
    return count;
  }

  void publish(std::size_t messages) {
    if (sockets_.empty()) return;
    output_.clear();
    for (std::size_t i = 0; i < messages; ++i) message_.append_next(output_);
    for (const int fd : sockets_) transmit(fd, output_);
  }

  // A floor keeps nothing: what a full socket does not take is lost, and a measurement in which
  // that happens shows it as messages that are missing.
  static void transmit(int fd, std::string_view bytes) {
    static_cast<void>(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }

  void leave(int fd, Kind kind) {
    close(fd);
    if (kind == kFront) std::erase(sockets_, fd);
  }

  int epoll_;
  int front_;
  int admin_;
  Message message_;
  std::vector<int> sockets_;
  std::vector<Tail> tails_;  // by descriptor
  std::array<char, 65536> input_;
  std::string output_;
};

std::uint64_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs(
        "usage: comet-floor FRONT_PORT ADMIN_PORT CONTENT_BYTES\n"
        "The least that fan-out can cost: a bare epoll loop on two ports of 127.0.0.1.\n",
        stderr);
    return 2;
  }
  static Floor floor(static_cast<std::uint16_t>(number(argv[1])),
                     static_cast<std::uint16_t>(number(argv[2])), number(argv[3]));
  floor.run();
}
