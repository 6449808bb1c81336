// The dialect of NATS's core: lines of text (CONNECT, SUB, PUB, MSG) with counted payloads.
//
// NATS answers no publish; the PONG to a PING behind a batch says that the batch was read.
#pragma once

#include <string>

#include "bench/load/dialect.h"
#include "bench/load/payload.h"

namespace load {

class Nats : public Dialect {
 public:
  explicit Nats(const Options& options);

  [[nodiscard]] Numbering numbering() const override { return Numbering::kCarried; }
  void append_subscribe(std::string& out, Channel channel, std::uint64_t next) const override;
  std::size_t decode(std::string_view bytes, Stream& stream, Arrived& arrived) const override;
  [[nodiscard]] std::string_view pong() const override { return "PONG\r\n"; }
  [[nodiscard]] std::string_view greeting() const override;
  void append_publish(std::string& out, Channel channel, std::uint64_t number) const override;
  [[nodiscard]] std::string_view batch_end() const override { return "PING\r\n"; }
  [[nodiscard]] bool answers_batches() const override { return true; }
  [[nodiscard]] Answers read_answers(std::string_view bytes) const override;

 private:
  std::string prefix_;
  Payload payload_;
  std::string after_name_;  // of a publish, up to the payload
};

}  // namespace load
