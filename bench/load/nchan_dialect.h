// The dialect of nginx with nchan: GET /sub/NAME as an EventSource, POST /pub/NAME.
#pragma once

#include <string>

#include "bench/load/http_dialect.h"
#include "bench/load/payload.h"

namespace load {

class Nchan : public HttpDialect {
 public:
  explicit Nchan(const Options& options);

  [[nodiscard]] Numbering numbering() const override { return Numbering::kCarried; }
  void append_subscribe(std::string& out, Channel channel, std::uint64_t next) const override;
  std::size_t decode(std::string_view bytes, Stream& stream, Arrived& arrived) const override;
  void append_publish(std::string& out, Channel channel, std::uint64_t number) const override;

 private:
  void read_event(std::string_view lines, Stream& stream, Arrived& arrived) const;

  std::string prefix_;
  Payload payload_;
  std::string after_name_;  // of a publish, up to the content
};

}  // namespace load
