// A server within the test's own process, on free loopback ports, and what tests do with it.
//
// The methods open connections of their own and may be called from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "comet/config.h"
#include "comet/server.h"
#include "tests/support/http_client.h"

namespace support {

// The defaults, on any free ports of loopback, with that many reactors.
comet::Config loopback_config(std::size_t reactors);

class RunningServer {
 public:
  explicit RunningServer(const comet::Config& config,
                         comet::StateUse state_use = comet::StateUse::kRestore);

  [[nodiscard]] std::uint16_t front_port() const { return front_port_; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_port_; }
  [[nodiscard]] Client front() const { return Client(front_port_); }
  [[nodiscard]] Client admin() const { return Client(admin_port_); }

  // One request on a new connection, so that every core gets its share of them.
  [[nodiscard]] Response front_get(std::string_view target) const;
  [[nodiscard]] Response admin_get(std::string_view target) const;
  [[nodiscard]] Response admin_post(std::string_view target, std::string_view content_type,
                                    std::string_view body) const;

  // Must succeed, else they throw.
  void push(std::string_view cname, std::string_view content) const;
  void broadcast(std::string_view content) const;
  [[nodiscard]] std::string token(std::string_view cname) const;  // by /sign

  // Asks /info again and again until the channel has, or the whole server counts, exactly that.
  void await_subscribers(std::string_view cname, std::size_t count) const;
  void await_totals(std::size_t channels, std::size_t subscribers) const;
  // Asks /check until the channel does not exist.
  void await_absence(std::string_view cname) const;

  // Throws when it is refused.
  void reload(const comet::Config& config);
  void drain() { server_->drain(); }
  [[nodiscard]] bool drained() const { return server_->drained(); }
  // Waits until nothing is left to do.
  void await_drained() const;
  void stop() { server_->stop(); }

  // Until what the admin port answers contains the part, and no digit behind it.
  void await_answer(std::string_view target, std::string_view part) const;

 private:
  std::unique_ptr<comet::Server> server_;
  std::uint16_t front_port_ = 0;
  std::uint16_t admin_port_ = 0;
};

// One JSON object as API.md section 3 has it; `content` is escaped already.
std::string message(std::string_view type, std::string_view cname, std::uint64_t seq,
                    std::string_view content);
inline std::string data(std::string_view cname, std::uint64_t seq, std::string_view content) {
  return message("data", cname, seq, content);
}
inline std::string next_seq(std::string_view cname, std::uint64_t seq) {
  return message("next_seq", cname, seq, "");
}

// An endless transport and what stands around each JSON object.
struct Endless {
  std::string_view path;
  std::string_view prefix;
  std::string_view suffix;
  std::string_view content_type;

  // What precedes the first message.
  [[nodiscard]] std::string_view opening() const;
  // One message; where events have ids, without one.
  [[nodiscard]] std::string wrap(std::string_view json) const;
  // The same with its id, which only /sse shows.
  [[nodiscard]] std::string wrap(std::string_view json, std::uint64_t last_seen) const;
};
const std::vector<Endless>& endless_transports();
const Endless& stream_transport();

// A subscriber on an endless response.
class Subscription {
 public:
  // Sends the request, reads the head (and what precedes the messages of /iframe and /sse).
  Subscription(const RunningServer& server, const Endless& transport, std::string_view query);
  // On /stream.
  Subscription(const RunningServer& server, std::string_view query)
      : Subscription(server, stream_transport(), query) {}

  [[nodiscard]] const Response& head() const { return head_; }
  [[nodiscard]] Client& client() { return client_; }
  // The next chunk without what the transport puts around it. Throws at the end.
  std::string next();
  // Of the last event on /sse; "" when it had none.
  [[nodiscard]] const std::string& id() const { return id_; }
  // The response must end here, properly: with the last chunk.
  void expect_last_chunk();

 private:
  const Endless* transport_;
  Client client_;
  Response head_;
  std::string id_;
};

// The number after `"seq":` in a message.
std::uint64_t seq_of(std::string_view json);

}  // namespace support
