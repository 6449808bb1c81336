#include "comet/push_batch.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace comet {
namespace {

using Reading = PushBatch::Reading;

class PushBatchTest : public testing::Test {
 protected:
  static constexpr std::size_t kCores = 2;

  PushBatch& batch(std::string_view body, PushForm form = PushForm::kLines,
                   std::string_view cname = {}) {
    made_ = std::make_unique<PushBatch>(body, form, cname, hash_, limits_, 77);
    return *made_;
  }
  static Reading read(PushBatch& batch) {
    Reading reading = Reading::kMore;
    while (reading == Reading::kMore) reading = batch.read_some();
    return reading;
  }
  // Every home numbers from `first` on.
  static void publish(PushBatch& batch, std::uint64_t first) {
    const std::vector<PushOrder> orders = batch.take_orders(kCores);
    for (std::size_t core = 0; core < kCores; ++core) {
      if (orders[core].entries.empty()) continue;
      EXPECT_FALSE(batch.is_answered());
      PushReport report;
      for (std::size_t i = 0; i < orders[core].entries.size(); ++i) {
        report.results.push_back({first + i, Outcome::kOk});
      }
      batch.add(core, report);
    }
    EXPECT_TRUE(batch.is_answered());
  }
  [[nodiscard]] std::string name_at(std::size_t core, int n = 0) const {
    for (int i = 0;; ++i) {
      std::string name = "c" + std::to_string(i);
      if (home_core(hash_(name), kCores) == core && n-- == 0) return name;
    }
  }
  static std::string line(const std::string& cname, const std::string& content) {
    return R"({"cname":")" + cname + R"(","content":")" + content + "\"}\n";
  }

  NameHash hash_{1, 2};
  PushBatch::Limits limits_{100, 10};

 private:
  std::unique_ptr<PushBatch> made_;
};

TEST_F(PushBatchTest, EmptyLinesAreReadInSlicesToo) {
  const std::string body(1 << 20, '\n');
  EXPECT_EQ(batch(body).read_some(), Reading::kMore);
  EXPECT_EQ(read(batch(body)), Reading::kComplete);
}

TEST_F(PushBatchTest, EachHomeGetsItsChannelsOnceAndItsMessagesInOrder) {
  const std::string a = name_at(0), b = name_at(0, 1), c = name_at(1);
  PushBatch& push = batch(line(a, "1") + line(c, "2") + line(b, "3") + line(a, "4"));
  ASSERT_EQ(read(push), Reading::kComplete);
  const std::vector<PushOrder> orders = push.take_orders(kCores);
  ASSERT_EQ(orders.size(), kCores);
  ASSERT_EQ(orders[0].channels.size(), 2u);
  ASSERT_EQ(orders[0].entries.size(), 3u);
  std::string said;
  for (const PushOrder::Entry& entry : orders[0].entries) {
    const ChannelName& name = orders[0].channels[entry.channel];
    EXPECT_EQ(name.hash, hash_(name.text));
    EXPECT_EQ(entry.message->received_us_low(), 77u);
    said += name.text + ":" + std::string(entry.message->content()) + " ";
  }
  EXPECT_EQ(said, a + ":1 " + b + ":3 " + a + ":4 ");
  ASSERT_EQ(orders[1].entries.size(), 1u);
  EXPECT_EQ(orders[1].channels[0].text, c);
}

TEST_F(PushBatchTest, TheAnswerIsInTheOrderOfTheRequest) {
  const std::string a = name_at(0), c = name_at(1);
  PushBatch& push = batch(line(c, "1") + line(a, "2") + line(c, "3"));
  ASSERT_EQ(read(push), Reading::kComplete);
  publish(push, 5);
  EXPECT_EQ(push.answer(), R"({"ok":3,"failed":0,"results":[{"cname":")" + c +
                               R"(","seq":5},{"cname":")" + a + R"(","seq":5},{"cname":")" + c +
                               R"(","seq":6}]})");
}

TEST_F(PushBatchTest, NamesOfAnyLengthStandInTheAnswerEscaped) {
  const std::string short_name = "a";
  const std::string long_name(200, 'n');
  const std::string quoted = std::string(100, 'q') + R"(\"&)";
  PushBatch& push = batch(line(short_name, "1") + line(long_name, "2") + line(quoted, "3") +
                          line(long_name, "4"));
  ASSERT_EQ(read(push), Reading::kComplete);
  publish(push, 1);
  const std::string answer = push.answer();
  for (const std::string& name : {short_name, long_name, quoted}) {
    EXPECT_NE(answer.find(R"({"cname":")" + name + R"(","seq":)"), std::string::npos) << answer;
  }
}

TEST_F(PushBatchTest, WhatFailsDoesNotLoseTheOthers) {
  PushBatch& push =
      batch(R"([{"cname":"a","content":"12345678901"},{"cname":"a","content":"1234567890"},
                              {"content":"x"},{"cname":"b\n","content":"x"},{"cname":"q\"","content":7}])",
            PushForm::kArray);
  ASSERT_EQ(read(push), Reading::kComplete);
  publish(push, 1);
  EXPECT_EQ(push.answer(),
            R"({"ok":1,"failed":4,"results":[)"
            R"({"cname":"a","status":413,"error":"content is longer than limits.content_bytes"},)"
            R"({"cname":"a","seq":1},)"
            R"({"cname":null,"status":400,"error":"cname is missing"},)"
            R"({"cname":null,"status":400,"error":"cname has a control character"},)"
            R"({"cname":"q\"","status":400,"error":"content must be a string"}]})");
}

TEST_F(PushBatchTest, WhatHomesRefuseIsSaid) {
  PushBatch& push = batch(line("a", "1") + line("a", "2") + line("a", "3") + line("a", "4"));
  ASSERT_EQ(read(push), Reading::kComplete);
  push.take_orders(1);
  push.add(0, {{},
               {{0, Outcome::kTooManyChannels},
                {0, Outcome::kOverloaded},
                {9, Outcome::kOk},
                {0, Outcome::kMemoryFull}}});
  EXPECT_EQ(push.answer(), R"({"ok":1,"failed":3,"results":[)"
                           R"({"cname":"a","status":429,"error":"Too many channels"},)"
                           R"({"cname":"a","status":503,"error":"overloaded; try again later"},)"
                           R"({"cname":"a","seq":9},)"
                           R"({"cname":"a","status":503,"error":"out of memory )"
                           R"((limits.max_memory); try again later"}]})");
}

TEST_F(PushBatchTest, AnEntryWithoutANameIsForTheOneOfTheQuery) {
  PushBatch& push = batch("{\"content\":\"x\"}\n" + line("b", "y"), PushForm::kLines, "the one");
  ASSERT_EQ(read(push), Reading::kComplete);
  publish(push, 1);
  EXPECT_NE(push.answer().find(R"([{"cname":"the one","seq":1},{"cname":"b","seq":)"),
            std::string::npos)
      << push.answer();
}

TEST_F(PushBatchTest, AnEmptyBatchIsAnswered) {
  PushBatch& push = batch("[]", PushForm::kArray);
  ASSERT_EQ(read(push), Reading::kComplete);
  publish(push, 1);
  EXPECT_EQ(push.answer(), R"({"ok":0,"failed":0,"results":[]})");
}

TEST_F(PushBatchTest, ContentIsEscapedAsPushDoes) {
  PushBatch& push = batch(line("a", R"(\u00e9\n\/)"));
  ASSERT_EQ(read(push), Reading::kComplete);
  const auto orders = push.take_orders(1);
  EXPECT_EQ(orders[0].entries[0].message->content(), "\xc3\xa9\\n/");
}

TEST_F(PushBatchTest, OneMessageTooManyRefusesTheRequest) {
  std::string body;
  for (int i = 0; i < 99; ++i) body += line("a", "x");
  EXPECT_EQ(read(batch(body)), Reading::kComplete);
  body += line("a", "x");
  EXPECT_EQ(read(batch(body)), Reading::kComplete);
  body += line("a", "x");
  PushBatch& push = batch(body);
  ASSERT_EQ(read(push), Reading::kRefused);
  EXPECT_EQ(push.refusal().status, 413);
  EXPECT_EQ(push.refusal().body, "more than 100 messages in one request\n");
}

TEST_F(PushBatchTest, WhatIsNotJsonRefusesTheRequest) {
  PushBatch& push = batch(line("a", "x") + "{\n" + line("a", "y"));
  ASSERT_EQ(read(push), Reading::kRefused);
  EXPECT_EQ(push.refusal().status, 400);
  EXPECT_TRUE(push.refusal().body.starts_with("line 2 is not JSON: ")) << push.refusal().body;
}

TEST_F(PushBatchTest, ItsMemoryIsTheBodyAndWhatWasMadeOfIt) {
  limits_ = {100'000, 1 << 20};
  std::string body;
  for (int i = 0; i < 40; ++i) body += line("a", std::string(100'000, 'x'));
  PushBatch& push = batch(body);
  EXPECT_GE(push.memory(), body.size());
  EXPECT_EQ(read(push), Reading::kComplete);
  EXPECT_GE(push.memory(), 2 * body.size()) << "and the messages";
  const std::vector<PushOrder> orders = push.take_orders(kCores);
  EXPECT_GE(push.memory(), 2 * body.size()) << "which are under way";

  std::string small;
  for (int i = 0; i < 1000; ++i)
    small += line("channel-with-a-long-name-" + std::to_string(i), "x");
  PushBatch& many = batch(small);
  EXPECT_EQ(read(many), Reading::kComplete);
  EXPECT_GE(many.memory(), small.size() + 1000 * (sizeof(ChannelName) + sizeof(Message)));
}

TEST_F(PushBatchTest, ALongBodyIsReadInSlices) {
  limits_ = {100'000, 1 << 20};
  std::string many;
  for (int i = 0; i < 5000; ++i) many += line("c" + std::to_string(i % 700), std::to_string(i));
  std::string large;
  for (int i = 0; i < 10; ++i) large += line("a", std::string(200'000, 'x'));
  for (const std::string& body : {many, large}) {
    PushBatch& push = batch(body);
    int slices = 1;
    while (push.read_some() == Reading::kMore) ++slices;
    EXPECT_GE(slices, 5);
    EXPECT_LE(slices, 10);
    publish(push, 1);
    EXPECT_EQ(push.answer().find("error"), std::string::npos);
  }
}

}  // namespace
}  // namespace comet
