// What a connection needs while a request is being read or answered, or a part of a WebSocket
// message is here, and borrows for that time.
//
// Owned by the session that borrowed it, or by the pool of its core. So an idle connection keeps no
// parser, no buffer and no request text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "comet/admin.h"
#include "comet/text_memory.h"
#include "http/request_parser.h"
#include "http/websocket_decoder.h"

namespace comet {

struct ExchangeLimits {
  http::RequestLimits request;
  std::size_t websocket_message_bytes_max = 64 * 1024;
};

struct Exchange {
  Exchange(const ExchangeLimits& limits, std::uint32_t its_vintage)
      : parser(limits.request), frames(limits.websocket_message_bytes_max), vintage(its_vintage) {}

  http::RequestParser parser;
  http::WebsocketDecoder frames;
  const std::uint32_t vintage;  // which of the pool's limits it has
  // Bytes that came behind the request that is being answered, or behind a WebSocket's handshake.
  std::string unparsed;
  std::size_t counted = 0;  // of its text, by the worker
  AdminQuestion question;

  // Of a request or message that has not arrived completely, and of what came behind the one
  // before: how much there is of it.
  [[nodiscard]] std::size_t text_size() const {
    return parser.size() + frames.size() + unparsed.size();
  }
  // What the text takes, and the batch.
  [[nodiscard]] std::size_t text_memory() const {
    const std::size_t batch = question.push == nullptr ? 0 : question.push->memory();
    return parser.memory() + frames.memory() + unparsed.capacity() + batch;
  }
};

class ExchangePool {
 public:
  explicit ExchangePool(const ExchangeLimits& limits) : limits_(limits) {}

  // The limits of what is taken from now on. A request that is being read keeps those it began
  // with.
  void set_limits(const ExchangeLimits& limits) {
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
    exchange->frames.reset();
    make_empty(exchange->unparsed, http::RequestParser::kKeptBytesMax);
    exchange->question.push.reset();
    free_.push_back(std::move(exchange));
  }

  // Bytes of those that are lent and those that are kept, without the text in them.
  [[nodiscard]] std::size_t memory() const { return made_ * sizeof(Exchange); }

 private:
  static constexpr std::size_t kKeptMax = 64;

  ExchangeLimits limits_;
  std::uint32_t vintage_ = 0;
  std::vector<std::unique_ptr<Exchange>> free_;
  std::size_t made_ = 0;  // and not destroyed
};

}  // namespace comet
