#include "comet/exchange.h"

#include <gtest/gtest.h>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace comet {
namespace {

TEST(ExchangePool, WhatWasGivenBackIsTakenAgainAndClean) {
  const ExchangeLimits limits;
  ExchangePool pool(limits);
  std::unique_ptr<Exchange> exchange = pool.take();
  const Exchange* const address = exchange.get();
  exchange->unparsed = "GET /";
  exchange->parser.parse("GET /push HT");
  EXPECT_FALSE(exchange->parser.idle());
  pool.give_back(std::move(exchange));
  exchange = pool.take();
  EXPECT_EQ(exchange.get(), address);
  EXPECT_TRUE(exchange->parser.idle());
  EXPECT_EQ(exchange->unparsed, "");
}

TEST(ExchangePool, OtherLimitsAreForWhatIsTakenFromThenOn) {
  constexpr std::string_view kRequest = "GET /0123456789 HTTP/1.1\r\n\r\n";
  ExchangePool pool({.request = {.target_bytes_max = 11}});
  pool.give_back(pool.take());
  std::unique_ptr<Exchange> begun = pool.take();
  begun->parser.parse(kRequest.substr(0, 8));
  pool.set_limits({.request = {.target_bytes_max = 10}});

  const auto state = [](Exchange& exchange, std::string_view bytes) {
    return exchange.parser.parse(bytes).state;
  };
  EXPECT_EQ(state(*begun, kRequest.substr(8)), http::RequestParser::State::kComplete);
  pool.give_back(std::move(begun));
  const std::unique_ptr<Exchange> fresh = pool.take();
  EXPECT_EQ(state(*fresh, kRequest), http::RequestParser::State::kFailed);
  EXPECT_EQ(fresh->parser.failure().status, 414);
}

TEST(ExchangePool, OfALongRequestNeitherItsRoomNorItsLengthIsLeft) {
  ExchangePool pool({});
  std::unique_ptr<Exchange> exchange = pool.take();
  exchange->unparsed.assign(100'000, 'x');
  exchange->parser.parse("GET /" + std::string(50'000, 'x') + " HTTP/1.1\r\n\r\n");
  EXPECT_GE(exchange->text_size(), 150'000u);
  pool.give_back(std::move(exchange));
  exchange = pool.take();
  EXPECT_EQ(exchange->text_size(), 0u);
  EXPECT_LT(exchange->unparsed.capacity(), 100'000u);
  exchange->parser.parse("GET /push HT");
  EXPECT_LT(exchange->text_size(), 20u);
}

TEST(Exchange, TheBatchThatIsReadIsInItsText) {
  const NameHash hash(1, 2);
  Exchange exchange({}, 0);
  const std::size_t before = exchange.text_memory();
  exchange.question.push = std::make_unique<PushBatch>(std::string(10'000, ' '), PushForm::kLines,
                                                       "a", hash, PushBatch::Limits{1, 1}, 0);
  EXPECT_GE(exchange.text_memory(), before + 10'000);
  exchange.question.push.reset();
  EXPECT_EQ(exchange.text_memory(), before);
}

TEST(ExchangePool, EachTakerHasItsOwn) {
  const ExchangeLimits limits;
  ExchangePool pool(limits);
  const auto a = pool.take();
  const auto b = pool.take();
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace comet
