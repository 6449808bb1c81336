#include "tests/support/state_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace support {

using comet::ChannelRecord;
using comet::History;
using comet::Message;
using comet::MessageRef;

MessageRef message_of(std::string_view content, Message::Type type) {
  return MessageRef::make(type, content);
}

ChannelRecord record_of(std::string_view name, std::uint64_t next,
                        std::initializer_list<std::string_view> contents) {
  ChannelRecord record;
  record.name = name;
  record.next = next;
  record.expires_unix_ms = 60'000;
  if (contents.size() > 0) {
    History run(next - contents.size());
    for (const std::string_view content : contents) run.append(message_of(content));
    record.runs.push_back(std::move(run));
  }
  return record;
}

std::vector<ChannelRecord> random_records(std::mt19937_64& random) {
  const auto below = [&random](std::uint64_t end) { return random() % end; };
  const auto bytes = [&](std::size_t size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(below(256));
    return text;
  };
  std::vector<MessageRef> broadcasts;
  for (int i = 0; i < 5; ++i) {
    broadcasts.push_back(message_of(bytes(below(50)), Message::Type::kBroadcast));
  }
  std::vector<ChannelRecord> records(below(30));
  for (ChannelRecord& record : records) {
    record.name = bytes(1 + below(255));
    for (std::uint8_t& byte : record.token.bytes) byte = static_cast<std::uint8_t>(below(256));
    record.expires_unix_ms = static_cast<std::int64_t>(below(1 << 20));
    record.had_subscribers = below(2) == 0;
    std::uint64_t next = 1 + below(1000);
    for (std::uint64_t runs = below(4); runs > 0; --runs) {
      History run(next + below(3) * 65'536);
      for (std::uint64_t messages = 1 + below(20); messages > 0; --messages) {
        run.append(below(3) == 0 ? broadcasts[below(broadcasts.size())]
                                 : message_of(bytes(below(5) == 0 ? below(5000) : below(40))));
      }
      next = run.next();
      record.runs.push_back(std::move(run));
    }
    record.next = next + below(2) * 65'536;
  }
  return records;
}

std::string encode(const comet::StateHeader& header, const std::vector<ChannelRecord>& records) {
  std::string bytes;
  comet::StateEncoder encoder(header, [&](std::string_view block) { bytes.append(block); });
  for (const ChannelRecord& record : records) encoder.add(record);
  encoder.finish();
  return bytes;
}

Decoded decode(std::string_view bytes, std::size_t piece) {
  Decoded decoded;
  comet::StateDecoder decoder(
      [&](const comet::StateHeader& header) -> comet::StateDecoder::Complaint {
        decoded.header = header;
        return std::nullopt;
      },
      [&](ChannelRecord&& record) { decoded.records.push_back(std::move(record)); });
  for (; !bytes.empty() && !decoded.complaint; bytes.remove_prefix(std::min(piece, bytes.size()))) {
    decoded.complaint = decoder.feed(bytes.substr(0, piece));
  }
  if (!decoded.complaint) decoded.complaint = decoder.finish();
  return decoded;
}

std::string describe(const ChannelRecord& record) {
  std::string text = fmt::format("{} {} next {} expires {} {}\n", record.name, record.token.hex(),
                                 record.next, record.expires_unix_ms, record.had_subscribers);
  for (const History& run : record.runs) {
    for (std::uint64_t seq = run.begin(); seq < run.next(); ++seq) {
      text += fmt::format("  {} {} {}\n", seq,
                          run.at(seq)->type() == Message::Type::kData ? "data" : "broadcast",
                          run.at(seq)->content());
    }
  }
  return text;
}

std::string describe(const std::vector<ChannelRecord>& records) {
  std::string text;
  for (const ChannelRecord& record : records) text += describe(record);
  return text;
}

}  // namespace support
