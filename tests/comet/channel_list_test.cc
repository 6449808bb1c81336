#include "comet/channel_list.h"

#include <gtest/gtest.h>

#include <string>

namespace comet {
namespace {

class ChannelListTest : public testing::Test {
 protected:
  // Of a request whose first channel is "first".
  std::optional<Reply> read(std::string_view query, std::size_t channels_max = 32) {
    http::Request request;
    request.query = query;
    EXPECT_FALSE(fields_.read(request));
    got_ = {};
    got_.name = hash_.named("first");
    return read_more_channels(fields_, hash_, channels_max, got_);
  }

  NameHash hash_{1, 2};
  RequestFields fields_;
  SubscribeRequest got_;
};

TEST_F(ChannelListTest, WhatIsNotThereIsFromNowOnAndWithoutToken) {
  ASSERT_FALSE(read("cname=first&cname=b&seq=7"));
  ASSERT_EQ(got_.more.size(), 1u);
  EXPECT_EQ(got_.more[0].name.text, "b");
  EXPECT_EQ(got_.more[0].wanted, 0);
  EXPECT_FALSE(got_.more[0].has_token);
}

TEST_F(ChannelListTest, AsManyAsTheLimitPassAndOneMoreDoesNot) {
  EXPECT_FALSE(read("cname=first&cname=b", 3));
  EXPECT_FALSE(read("cname=first&cname=b&cname=c", 3));
  const std::optional<Reply> wrong = read("cname=first&cname=b&cname=c&cname=d", 3);
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->status, 400);
}

TEST_F(ChannelListTest, OfAChannelThatIsNamedTwiceTheFirstCounts) {
  EXPECT_FALSE(read("cname=first&seq=3&cname=first&seq=4"));
  EXPECT_EQ(got_.more.size(), 0u);
  EXPECT_FALSE(read("cname=first&cname=b&cname=c&cname=b"));
  EXPECT_EQ(got_.more.size(), 2u);
}

TEST_F(ChannelListTest, OneWithoutANameIsSkippedAndTheOthersKeepTheirPlaces) {
  EXPECT_FALSE(read("cname=first&cname=", 1));
  EXPECT_EQ(got_.more.size(), 0u);
  ASSERT_FALSE(read("cname=first&cname=&cname=b&seq=1&seq=x&seq=3"));
  ASSERT_EQ(got_.more.size(), 1u);
  EXPECT_EQ(got_.more[0].name.text, "b");
  EXPECT_EQ(got_.more[0].wanted, 3);
}

TEST_F(ChannelListTest, AnIdHasANumberForEachChannel) {
  ASSERT_FALSE(read("cname=first&cname=b"));
  EXPECT_FALSE(go_on_behind("4,9223372036854775807", got_));
  EXPECT_EQ(got_.wanted, 5);
  EXPECT_EQ(got_.more[0].wanted, INT64_MAX);
  EXPECT_FALSE(go_on_behind("-1,0", got_));
  EXPECT_EQ(got_.wanted, 0);
  EXPECT_EQ(got_.more[0].wanted, 1);
  for (const char* wrong : {"4", "4,5,6", "4,", ",5", "4, 5", "-2,5", "x,5"}) {
    EXPECT_TRUE(go_on_behind(wrong, got_)) << wrong;
  }
}

}  // namespace
}  // namespace comet
