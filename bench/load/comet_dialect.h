// The dialect of comet-server, and of the floor, which speaks a part of it. See docs/API.md.
//
// A message is compared with what was published byte for byte: all but its number is known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/load/http_dialect.h"

namespace load {

// Reads JSON objects as comet writes them: {"type":"data","cname":"c0","seq":1,"content":"xx"}.
class CometObjects {
 public:
  CometObjects(const std::string& prefix, std::size_t content_bytes);

  // Reads the object that `text` begins with and returns its size; 0 when it is no such object or
  // says that something is wrong, with the reason in arrived.error.
  // HOT: once per delivery.
  std::size_t read(std::string_view text, Channel channel, Arrived& arrived) const;

 private:
  std::size_t read_data(std::string_view text, Channel channel, Arrived& arrived) const;
  static std::size_t read_control(std::string_view text, Arrived& arrived);

  std::string before_channel_;
  std::string after_number_;
};

// Requests are the same on all transports.
class CometDialect : public HttpDialect {
 public:
  explicit CometDialect(const Options& options);

  [[nodiscard]] Numbering numbering() const override { return Numbering::kTold; }
  void append_subscribe(std::string& out, Channel channel, std::uint64_t next) const override;
  void append_publish(std::string& out, Channel channel, std::uint64_t number) const override;

 protected:
  CometObjects objects_;

 private:
  std::string subscribe_;
  std::string push_;
  std::string after_push_;
};

// The endless transports: a message is exactly one HTTP chunk.
class CometStreams : public CometDialect {
 public:
  explicit CometStreams(const Options& options);
  std::size_t decode(std::string_view bytes, Stream& stream, Arrived& arrived) const override;

 protected:
  // A chunk's data, without its framing.
  void read_chunk(std::string_view data, Channel channel, Arrived& arrived) const;

 private:
  std::string_view before_;
  std::string_view after_;
  std::string_view preamble_;
};

// A WebSocket: a message is exactly one text frame (RFC 6455 5.2).
class CometSockets : public CometDialect {
 public:
  using CometDialect::CometDialect;
  void append_subscribe(std::string& out, Channel channel, std::uint64_t next) const override;
  std::size_t decode(std::string_view bytes, Stream& stream, Arrived& arrived) const override;
  [[nodiscard]] std::string_view pong() const override;

 private:
  static bool take_upgrade(std::string_view& bytes, Arrived& arrived);
};

// A response for each time of asking, with one object or an array of them.
class CometPolls : public CometDialect {
 public:
  using CometDialect::CometDialect;
  std::size_t decode(std::string_view bytes, Stream& stream, Arrived& arrived) const override;
};

// The floor numbers its messages while it has subscribers, and tells nobody.
class FloorStreams : public CometStreams {
 public:
  explicit FloorStreams(const Options& options);
  [[nodiscard]] Numbering numbering() const override { return Numbering::kHeard; }
};

}  // namespace load
