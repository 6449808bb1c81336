#include "comet/operation_answers.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

// The length of a short frame stands in its second byte.
std::string text_frame(const std::string& object) {
  return "\x81" + std::string(1, static_cast<char>(object.size())) + object;
}

TEST(OperationAnswers, AreJsonInTextFrames) {
  std::string out;
  append_subscribed(out, "b\"", 9);
  EXPECT_EQ(out, text_frame(R"({"type":"subscribed","cname":"b\"","seq":9})"));
  out.clear();
  append_unsubscribed(out, "b");
  EXPECT_EQ(out, text_frame(R"({"type":"unsubscribed","cname":"b"})"));
  out.clear();
  append_operation_error(out, kSubscribeOperation, "b", "already subscribed");
  EXPECT_EQ(out, text_frame(R"({"type":"error","op":"subscribe","cname":"b",)"
                            R"("reason":"already subscribed"})"));
}

}  // namespace
}  // namespace comet
