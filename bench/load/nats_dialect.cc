#include "bench/load/nats_dialect.h"

#include "bench/load/http_text.h"

namespace load {
namespace {

constexpr std::string_view kCrLf = "\r\n";
constexpr std::string_view kMessage = "MSG ";
constexpr std::string_view kGreeting =
    "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"c++\",\"version\":\"1\","
    "\"name\":\"comet-load\"}\r\n";

}  // namespace

Nats::Nats(const Options& options)
    : prefix_(options.channel_prefix),
      payload_(options.content_bytes),
      after_name_(" " + std::to_string(payload_.size()) + "\r\n") {}

std::string_view Nats::greeting() const { return kGreeting; }

void Nats::append_subscribe(std::string& out, Channel channel, std::uint64_t /*next*/) const {
  out.append(kGreeting).append("SUB ").append(channel_name(prefix_, channel));
  out.append(" 1\r\n").append(batch_end());
}

void Nats::append_publish(std::string& out, Channel channel, std::uint64_t number) const {
  out.append("PUB ").append(channel_name(prefix_, channel)).append(after_name_);
  payload_.append(out, channel, number);
  out.append(kCrLf);
}

std::size_t Nats::decode(std::string_view bytes, Stream& stream, Arrived& arrived) const {
  std::string_view rest = bytes;
  for (;;) {
    const std::size_t line_end = rest.find(kCrLf);
    if (line_end == std::string_view::npos) break;
    const std::string_view line = rest.substr(0, line_end);
    std::size_t size = line_end + kCrLf.size();
    if (line.starts_with(kMessage)) {
      // MSG subject id size: all payloads have one size, so the line's end need not be read.
      if (rest.size() < size + payload_.size() + kCrLf.size()) break;
      const auto number = payload_.read(rest.substr(size, payload_.size()), stream.channel);
      size += payload_.size();
      if (!number || rest.substr(size, kCrLf.size()) != kCrLf) {
        arrived.error = "not what was published: " + excerpt(rest);
        break;
      }
      arrived.numbers.push_back(*number);
      size += kCrLf.size();
    } else if (line == "PING") {
      arrived.pinged = true;
    } else if (line == "PONG") {
      stream.subscribed = true;
    } else if (!line.starts_with("INFO ")) {
      arrived.error = "the server said: " + excerpt(line);
      break;
    }
    rest.remove_prefix(size);
  }
  return bytes.size() - rest.size();
}

Dialect::Answers Nats::read_answers(std::string_view bytes) const {
  Answers answers;
  for (;;) {
    const std::string_view rest = bytes.substr(answers.bytes);
    const std::size_t line_end = rest.find(kCrLf);
    if (line_end == std::string_view::npos) return answers;
    const std::string_view line = rest.substr(0, line_end);
    if (line == "PONG") {
      ++answers.count;
    } else if (line == "PING") {
      answers.pinged = true;
    } else if (!line.starts_with("INFO ")) {
      answers.error = "the server said: " + excerpt(line);
      return answers;
    }
    answers.bytes += line_end + kCrLf.size();
  }
}

}  // namespace load
