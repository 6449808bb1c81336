#include "comet/exchange.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace comet {
namespace {

TEST(ExchangePool, WhatWasGivenBackIsTakenAgainAndClean) {
  const http::RequestLimits limits;
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

TEST(ExchangePool, EachTakerHasItsOwn) {
  const http::RequestLimits limits;
  ExchangePool pool(limits);
  const auto a = pool.take();
  const auto b = pool.take();
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace comet
