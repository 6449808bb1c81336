#include "comet/doctor_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(DoctorCommand, AsManyAsNobodyHoldsAreNotHeld) {
  DoctorRequest request;
  request.subscribers = DoctorRequest::kMostSubscribers;
  Config config;
  config.front.max_channels = 1;
  const DoctorAnswer answer = consult(request, config);
  EXPECT_FALSE(answer.can_hold);
  EXPECT_THAT(answer.text, StartsWith("Can this machine hold 1000000000 subscribers?\n"));
  EXPECT_THAT(answer.text, HasSubstr("\nNo: "));
}

TEST(DoctorCommand, AnswersInJsonWhenAsked) {
  DoctorRequest request;
  request.subscribers = 10;
  request.format = DoctorRequest::Format::kJson;
  EXPECT_THAT(consult(request, Config{}).text, StartsWith(R"({"subscribers": 10, "verdict": ")"));
}

}  // namespace
}  // namespace comet
