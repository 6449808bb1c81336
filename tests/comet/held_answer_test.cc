#include "comet/held_answer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace comet {
namespace {

class HeldAnswerTest : public testing::Test {
 protected:
  explicit HeldAnswerTest(PollRequest request = {}) : answer_(std::move(request)) {
    answer_.add_place();
    answer_.add_place();
  }
  ~HeldAnswerTest() override { answer_.validate(); }

  // One object.
  std::size_t hold(std::size_t place, std::string_view object, PollForm form = PollForm::kLive) {
    return answer_.hold(place, form, [object](std::string& held) {
      held.append(object);
      return 1;
    });
  }
  [[nodiscard]] std::string body() const {
    std::string body;
    answer_.append_body(body);
    return body;
  }

  HeldAnswer answer_;
};

class JsonpHeldAnswerTest : public HeldAnswerTest {
 protected:
  JsonpHeldAnswerTest() : HeldAnswerTest({true, std::string(100, 'f')}) {}
};

TEST_F(HeldAnswerTest, ASingleLiveObjectStandsAlone) {
  EXPECT_TRUE(answer_.is_empty());
  hold(1, "{1}");
  EXPECT_FALSE(answer_.is_empty());
  EXPECT_EQ(body(), "{1}\n");
}

TEST_F(HeldAnswerTest, OneThatWasThereBeforeTheRequestStandsInAnArray) {
  hold(1, "{1}", PollForm::kWaiting);
  EXPECT_EQ(body(), "[{1}]\n");
}

TEST_F(HeldAnswerTest, ObjectsStandInTheOrderOfPlacesAndThenAsTheyCame) {
  hold(1, "{2}", PollForm::kWaiting);
  hold(0, "{1}");
  hold(1, "{3}");
  EXPECT_EQ(body(), "[{1},{2},{3}]\n");
}

TEST_F(HeldAnswerTest, ObjectsThatComeTogetherAreSeveral) {
  answer_.hold(0, PollForm::kLive, [](std::string& held) {
    held.append("{1},{2}");
    return 2;
  });
  EXPECT_EQ(body(), "[{1},{2}]\n");
}

TEST_F(HeldAnswerTest, KnowsTheBytesOfAPlaceAndOfAll) {
  EXPECT_EQ(hold(0, "{1}"), 3u);
  EXPECT_EQ(hold(1, "{22}"), 4u);
  EXPECT_EQ(hold(0, "{3}"), 7u) << "with the comma between them";
  EXPECT_EQ(answer_.bytes(), 11u);
}

TEST_F(HeldAnswerTest, ItsMemoryGrowsByWhatIsHeldAtAnyPlace) {
  EXPECT_EQ(answer_.memory(), 0u);
  const std::string long_object(1000, 'x');
  for (const std::size_t place : {0, 1, 1}) {
    const std::size_t before = answer_.memory();
    hold(place, long_object);
    EXPECT_GE(answer_.memory(), before + 1000);
    answer_.add_place();
    answer_.validate();
  }
}

TEST_F(JsonpHeldAnswerTest, IsWrappedAsTheRequestWants) {
  EXPECT_GE(answer_.memory(), 100u);
  hold(0, "{1}");
  EXPECT_EQ(body(), std::string(100, 'f') + "({1});\n");
  EXPECT_TRUE(answer_.wrap().jsonp);
}

}  // namespace
}  // namespace comet
