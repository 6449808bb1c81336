// What a connection needs while a request is being read or answered, and borrows for that time.
//
// Owned by the session that borrowed it, or by the pool of its core. So an idle connection keeps no
// parser, no buffer and no request text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "comet/admin.h"
#include "http/request_parser.h"

namespace comet {

struct Exchange {
  Exchange(const http::RequestLimits& limits, std::uint32_t its_vintage)
      : parser(limits), vintage(its_vintage) {}

  http::RequestParser parser;
  const std::uint32_t vintage;  // which of the pool's limits the parser has
  std::string unparsed;         // bytes that came behind the request that is being answered
  std::size_t counted = 0;      // of its text, by the worker
  AdminQuestion question;

  // Of the text in it.
  [[nodiscard]] std::size_t text_memory() const { return parser.memory() + unparsed.capacity(); }
};

class ExchangePool {
 public:
  explicit ExchangePool(const http::RequestLimits& limits) : limits_(limits) {}

  // The limits of what is taken from now on. A request that is being read keeps those it began
  // with.
  void set_limits(const http::RequestLimits& limits) {
    limits_ = limits;
    ++vintage_;
    made_ -= free_.size();
    free_.clear();
  }

  // HOT. One that was used before, if there is one: its buffers have their size already.
  std::unique_ptr<Exchange> take() {
    if (free_.empty()) {
      ++made_;
      return std::make_unique<Exchange>(limits_, vintage_);
    }
    std::unique_ptr<Exchange> taken = std::move(free_.back());
    free_.pop_back();
    return taken;
  }

  // HOT. Takes back what take() gave; keeps some, in case that many are needed again.
  void give_back(std::unique_ptr<Exchange> exchange) {
    if (free_.size() >= kKeptMax || exchange->vintage != vintage_) {
      --made_;
      return;
    }
    exchange->parser.reset();
    exchange->unparsed.clear();
    free_.push_back(std::move(exchange));
  }

  // Bytes of those that are lent and those that are kept, without the text in them.
  [[nodiscard]] std::size_t memory() const { return made_ * sizeof(Exchange); }

 private:
  static constexpr std::size_t kKeptMax = 64;

  http::RequestLimits limits_;
  std::uint32_t vintage_ = 0;
  std::vector<std::unique_ptr<Exchange>> free_;
  std::size_t made_ = 0;  // and not destroyed
};

}  // namespace comet
