#include "comet/surveys.h"

#include <gtest/gtest.h>

#include <memory>

namespace comet {
namespace {

SurveyReply reply(Ref survey, std::uint64_t core) {
  auto report = std::make_unique<CoreReport>();
  report->core = core;
  return {survey, std::move(report)};
}

TEST(Surveys, OneIsCompleteWhenEveryCoreHasAnswered) {
  Surveys surveys(3);
  const Ref survey = surveys.open(Surveys::Purpose::kHandOver, {7, 9});
  EXPECT_FALSE(surveys.add(2, reply(survey, 2)));
  EXPECT_FALSE(surveys.add(0, reply(survey, 0)));
  const auto complete = surveys.add(1, reply(survey, 1));
  ASSERT_TRUE(complete);
  EXPECT_EQ(complete->purpose, Surveys::Purpose::kHandOver);
  EXPECT_EQ(complete->asker, (Ref{7, 9}));
  ASSERT_EQ(complete->findings.size(), 3u);
  for (std::uint64_t core = 0; core < 3; ++core) {
    EXPECT_EQ(std::get<std::unique_ptr<CoreReport>>(complete->findings[core])->core, core);
  }
}

TEST(Surveys, CountsWhatIsOpenByPurpose) {
  Surveys surveys(1);
  const Ref page = surveys.open(Surveys::Purpose::kHandOverPage, {1, 1});
  surveys.open(Surveys::Purpose::kHandOver, {2, 1});
  EXPECT_EQ(surveys.size(), 2u);
  EXPECT_EQ(surveys.open_for(Surveys::Purpose::kHandOverPage), 1u);
  EXPECT_TRUE(surveys.add(0, {page, {}}));
  EXPECT_EQ(surveys.size(), 1u);
  EXPECT_EQ(surveys.open_for(Surveys::Purpose::kHandOverPage), 0u);
  EXPECT_EQ(surveys.open_for(Surveys::Purpose::kHandOver), 1u);
}

TEST(Surveys, SeveralRunAtOnceAndAStrangersAnswerIsNobodys) {
  Surveys surveys(2);
  const Ref first = surveys.open(Surveys::Purpose::kAcknowledge, {1, 1});
  const Ref second = surveys.open(Surveys::Purpose::kBeginPresence, {2, 1});
  EXPECT_FALSE(surveys.add(0, {first, {}}));
  EXPECT_FALSE(surveys.add(0, {second, {}}));
  EXPECT_EQ(surveys.add(1, {second, {}})->asker, (Ref{2, 1}));
  EXPECT_FALSE(surveys.add(1, {second, {}}));
  EXPECT_EQ(surveys.add(1, {first, {}})->asker, (Ref{1, 1}));
}

}  // namespace
}  // namespace comet
