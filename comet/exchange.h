// What a connection needs while a request is being read or answered, and borrows for that time.
//
// Owned by the session that borrowed it, or by the pool of its core. So an idle connection keeps no
// parser, no buffer and no request text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "comet/admin.h"
#include "http/request_parser.h"

namespace comet {

struct Exchange {
  explicit Exchange(const http::RequestLimits& limits) : parser(limits) {}

  http::RequestParser parser;
  std::string unparsed;  // bytes that came behind the request that is being answered
  AdminQuestion question;
};

class ExchangePool {
 public:
  // Keeps a reference to the limits.
  explicit ExchangePool(const http::RequestLimits& limits) : limits_(limits) {}

  // HOT. One that was used before, if there is one: its buffers have their size already.
  std::unique_ptr<Exchange> take() {
    if (free_.empty()) {
      ++made_;
      return std::make_unique<Exchange>(limits_);
    }
    std::unique_ptr<Exchange> taken = std::move(free_.back());
    free_.pop_back();
    return taken;
  }

  // HOT. Takes back what take() gave; keeps some, in case that many are needed again.
  void give_back(std::unique_ptr<Exchange> exchange) {
    if (free_.size() >= kKeptMax) {
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

  const http::RequestLimits& limits_;
  std::vector<std::unique_ptr<Exchange>> free_;
  std::size_t made_ = 0;  // and not destroyed
};

}  // namespace comet
