#include "reactor/result.h"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace reactor {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{std::to_string(number) + " is odd"};
  return number / 2;
}

TEST(Result, HoldsAValue) {
  const auto result = half(8);
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(static_cast<bool>(result));
  EXPECT_EQ(*result, 4);
  EXPECT_EQ(result.value(), 4);
}

TEST(Result, OrASentence) {
  const auto result = half(7);
  ASSERT_FALSE(result.ok());
  EXPECT_FALSE(static_cast<bool>(result));
  EXPECT_EQ(result.error(), "7 is odd");
}

TEST(Result, AStringIsAValueAndNotASentence) {
  const Result<std::string> value(std::string("fine"));
  EXPECT_TRUE(value.ok());
  EXPECT_EQ(value->size(), 4u);
  const Result<std::string> error(Error{"broken"});
  EXPECT_FALSE(error.ok());
}

TEST(Result, AnEmptySentenceIsStillAnError) {
  const Result<int> result(Error{});
  EXPECT_FALSE(result.ok());
}

TEST(Result, CarriesWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(3));
  ASSERT_TRUE(result.ok());
  const std::unique_ptr<int> taken = std::move(*result);
  EXPECT_EQ(*taken, 3);
}

TEST(Result, ItsValueCanBeChanged) {
  Result<std::string> result(std::string("a"));
  result->append("b");
  *result += "c";
  result.value() += "d";
  EXPECT_EQ(*result, "abcd");
}

TEST(ResultDeathTest, AValueThatIsNotThereIsOurMistake) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)*half(7), "check failed: ok\\(\\)");
  EXPECT_DEATH((void)half(8).error(), "check failed: !ok\\(\\)");
}

}  // namespace
}  // namespace reactor
