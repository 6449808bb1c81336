#include "bench/load/nchan_dialect.h"

namespace load {
namespace {

constexpr std::string_view kRequestEnd = " HTTP/1.1\r\nHost: load\r\n";
constexpr std::string_view kEventEnd = "\n\n";
constexpr std::string_view kData = "data: ";

}  // namespace

Nchan::Nchan(const Options& options)
    : prefix_(options.channel_prefix),
      payload_(options.content_bytes),
      after_name_(std::string(kRequestEnd) + "Content-Length: " + std::to_string(payload_.size()) +
                  "\r\n\r\n") {}

void Nchan::append_subscribe(std::string& out, Channel channel, std::uint64_t /*next*/) const {
  out.append("GET /sub/").append(channel_name(prefix_, channel)).append(kRequestEnd);
  out.append("Accept: text/event-stream\r\n\r\n");
}

void Nchan::append_publish(std::string& out, Channel channel, std::uint64_t number) const {
  out.append("POST /pub/").append(channel_name(prefix_, channel)).append(after_name_);
  payload_.append(out, channel, number);
}

// Events are blocks of lines. The first is a comment that greets: then nchan has the subscriber in
// its channel.
std::size_t Nchan::decode(std::string_view bytes, Stream& stream, Arrived& arrived) const {
  std::string_view rest = bytes;
  if (!stream.head_seen) {
    if (!take_head(rest, arrived)) return 0;
    stream.head_seen = true;
  }
  for (;;) {
    const std::size_t end = rest.find(kEventEnd);
    if (end == std::string_view::npos) break;
    read_event(rest.substr(0, end), stream, arrived);
    if (!arrived.error.empty()) break;
    rest.remove_prefix(end + kEventEnd.size());
  }
  return bytes.size() - rest.size();
}

void Nchan::read_event(std::string_view lines, Stream& stream, Arrived& arrived) const {
  if (lines.starts_with(":")) {
    stream.subscribed = true;
    return;
  }
  const std::size_t data = lines.find(kData);
  const auto number = data == std::string_view::npos
                          ? std::nullopt
                          : payload_.read(lines.substr(data + kData.size()), stream.channel);
  if (number) {
    arrived.numbers.push_back(*number);
  } else {
    arrived.error = "not what was published: " + excerpt(lines);
  }
}

}  // namespace load
