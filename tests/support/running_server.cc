#include "tests/support/running_server.h"

#include <charconv>

#include "comet/transport.h"

namespace support {
namespace {

constexpr std::string_view kCloseAfter = "Connection: close\r\n";

void expect_body(const Response& response, std::string_view what, std::string_view body) {
  if (response.status == 200 && response.body == body) return;
  throw ClientError(std::string(what) + " answered " + response.status_line + ": " + response.body);
}

}  // namespace

comet::Config loopback_config(std::size_t reactors) {
  comet::Config config;
  config.reactors = reactors;
  config.pin_reactors = false;  // tests run side by side
  config.front.listen = {"127.0.0.1:0"};
  config.admin.listen = {"127.0.0.1:0"};
  config.logger.level = "error";
  return config;
}

RunningServer::RunningServer(const comet::Config& config, comet::StateUse state_use) {
  auto started = comet::Server::start(config, {}, state_use);
  if (!started) throw ClientError("the server did not start: " + started.error());
  server_ = std::move(*started);
  front_port_ = server_->front_ports().at(0);
  admin_port_ = server_->admin_ports().at(0);
}

void RunningServer::reload(const comet::Config& config) {
  if (const auto error = server_->reload(config)) throw ClientError("reload: " + error->message);
}

Response RunningServer::front_get(std::string_view target) const {
  Client client = front();
  client.get(target, kCloseAfter);
  return client.read_response();
}

Response RunningServer::admin_get(std::string_view target) const {
  Client client = admin();
  client.get(target, kCloseAfter);
  return client.read_response();
}

Response RunningServer::admin_post(std::string_view target, std::string_view content_type,
                                   std::string_view body) const {
  Client client = admin();
  client.post(target, content_type, body);
  return client.read_response();
}

void RunningServer::push(std::string_view cname, std::string_view content) const {
  const std::string target = "/push?cname=" + url_encode(cname) + "&content=" + url_encode(content);
  expect_body(admin_get(target), target, "{\"type\":\"ok\"}\n");
}

void RunningServer::broadcast(std::string_view content) const {
  const std::string target = "/broadcast?content=" + url_encode(content);
  expect_body(admin_get(target), target, "ok\n");
}

std::string RunningServer::token(std::string_view cname) const {
  const std::string body = admin_get("/sign?cname=" + url_encode(cname)).body;
  constexpr std::string_view kKey = "\"token\":\"";
  const std::size_t start = body.find(kKey);
  if (start == std::string::npos) throw ClientError("no token in " + body);
  return body.substr(start + kKey.size(), 32);
}

void RunningServer::await_subscribers(std::string_view cname, std::size_t count) const {
  await_answer("/info?cname=" + url_encode(cname), "\"subscribers\": " + std::to_string(count));
}

void RunningServer::await_totals(std::size_t channels, std::size_t subscribers) const {
  await_answer("/info", "\"channels\": " + std::to_string(channels) +
                            ", \"subscribers\": " + std::to_string(subscribers));
}

void RunningServer::await_absence(std::string_view cname) const {
  await_answer("/check?cname=" + url_encode(cname), "{}");
}

void RunningServer::await_drained() const {
  if (!eventually([&] { return server_->drained(); })) {
    throw ClientError("the server should have drained");
  }
}

void RunningServer::await_answer(std::string_view target, std::string_view part) const {
  Client client = admin();
  std::string body;
  const auto contains_part = [&] {
    client.get(target);
    body = client.read_response().body;
    const std::size_t found = body.find(part);
    if (found == std::string::npos) return false;
    const char after = body[found + part.size()];
    return after < '0' || after > '9';
  };
  if (!eventually(contains_part)) {
    throw ClientError(std::string(target) + " should come to contain " + std::string(part) +
                      ", but is " + body);
  }
}

std::string message(std::string_view type, std::string_view cname, std::uint64_t seq,
                    std::string_view content) {
  std::string json;
  json.append("{\"type\":\"").append(type).append("\",\"cname\":\"").append(cname);
  json.append("\",\"seq\":").append(std::to_string(seq)).append(",\"content\":\"");
  return json.append(content).append("\"}");
}

std::string Endless::wrap(std::string_view json) const {
  return std::string(prefix).append(json).append(suffix);
}

std::string Endless::wrap(std::string_view json, std::uint64_t last_seen) const {
  return (path == "/sse" ? "id: " + std::to_string(last_seen) + "\n" : "") + wrap(json);
}

std::string_view Endless::opening() const {
  if (path == "/sse") return "retry: 2000\n\n";
  if (path == "/iframe") return comet::row_of(comet::Transport::kIframe).preamble;
  return {};
}

const std::vector<Endless>& endless_transports() {
  static const std::vector<Endless> kTransports{
      {"/stream", "", "\n", "application/json; charset=utf-8"},
      {"/iframe", "<script>parent.icomet_cb(", ");</script>\n", "text/html; charset=utf-8"},
      {"/sse", "data: ", "\n\n", "text/event-stream; charset=utf-8"},
  };
  return kTransports;
}

const Endless& stream_transport() { return endless_transports().front(); }

Subscription::Subscription(const RunningServer& server, const Endless& transport,
                           std::string_view query)
    : transport_(&transport), client_(server.front()) {
  client_.get(std::string(transport.path).append("?").append(query));
  head_ = client_.read_head();
  if (head_.status != 200 || !head_.chunked()) {
    throw ClientError("not an endless response: " + head_.status_line);
  }
  if (transport.opening().empty()) return;
  const std::string opening = client_.next_chunk().value_or("");
  if (opening != transport.opening()) {
    throw ClientError("it should open with a chunk of its own: " + opening);
  }
}

std::string Subscription::next() {
  const std::optional<std::string> chunk = client_.next_chunk();
  if (!chunk) throw ClientError("the connection ended instead of a message");
  if (chunk->empty()) throw ClientError("the response ended instead of a message");
  std::string_view text = *chunk;
  id_.clear();
  if (transport_->path == "/sse" && text.starts_with("id: ")) {
    id_ = text.substr(4, text.find('\n') - 4);
    text.remove_prefix(4 + id_.size() + 1);
  }
  const std::size_t frame = transport_->prefix.size() + transport_->suffix.size();
  if (text.size() < frame || !text.starts_with(transport_->prefix) ||
      !text.ends_with(transport_->suffix)) {
    throw ClientError("a chunk that is not one message: " + *chunk);
  }
  return std::string(text.substr(transport_->prefix.size(), text.size() - frame));
}

void Subscription::expect_last_chunk() {
  const std::optional<std::string> chunk = client_.next_chunk();
  if (!chunk) throw ClientError("the connection ended without the last chunk");
  if (!chunk->empty()) throw ClientError("a chunk instead of the end: " + *chunk);
}

std::uint64_t seq_of(std::string_view json) {
  constexpr std::string_view kKey = "\"seq\":";
  const std::size_t start = json.find(kKey);
  std::uint64_t seq = 0;
  if (start == std::string_view::npos ||
      std::from_chars(json.data() + start + kKey.size(), json.data() + json.size(), seq).ec !=
          std::errc{}) {
    throw ClientError("no seq in " + std::string(json));
  }
  return seq;
}

}  // namespace support
