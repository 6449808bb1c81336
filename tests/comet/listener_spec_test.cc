#include "comet/listener_spec.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comet {
namespace {

ListenerSpec spec(const std::string& text) {
  auto parsed = ListenerSpec::parse(text);
  EXPECT_TRUE(parsed.ok()) << parsed.error();
  return parsed ? *parsed : ListenerSpec{};
}

TEST(ListenerSpec, ReadsAddressesOfAllKinds) {
  for (const std::string text :
       {"127.0.0.1:8100", "0.0.0.0:0", "[::1]:65535", "unix:/run/comet/admin.sock", "unix:/a:b"}) {
    const ListenerSpec read = spec(text);
    EXPECT_EQ(to_string(read.address), text);
    EXPECT_FALSE(read.proxy);
    EXPECT_EQ(read.mode, 0660u);
  }
}

TEST(ListenerSpec, OptionsFollowInAnyOrder) {
  EXPECT_TRUE(spec("127.0.0.1:1 proxy").proxy);
  EXPECT_TRUE(spec("[::1]:1  proxy ").proxy);
  for (const std::string text : {"unix:/a proxy mode=0600", "unix:/a   mode=600 proxy"}) {
    const ListenerSpec read = spec(text);
    EXPECT_EQ(std::get<UnixAddress>(read.address).path, "/a");
    EXPECT_TRUE(read.proxy) << text;
    EXPECT_EQ(read.mode, 0600u) << text;
  }
  EXPECT_EQ(spec("unix:/a mode=0777").mode, 0777u);
  EXPECT_EQ(spec("unix:/a mode=0000").mode, 0u);
}

TEST(ListenerSpec, AMistakeIsOneSentenceThatQuotesIt) {
  for (const std::string bad : {"",
                                " ",
                                "127.0.0.1",
                                "localhost:80",
                                "unix:",
                                "unix:relative.sock",
                                "unix:@abstract",
                                "127.0.0.1:1 mode=0660",
                                "127.0.0.1:1 Proxy",
                                "127.0.0.1:1 proxy=1",
                                "unix:/a mode",
                                "unix:/a mode=",
                                "unix:/a mode=66",
                                "unix:/a mode=0880",
                                "unix:/a mode=1777",
                                "unix:/a mode=0x66",
                                "unix:/a mode=-66",
                                "unix:/a mode=00660",
                                "unix:/a b",
                                "127.0.0.1:1,proxy"}) {
    const auto parsed = ListenerSpec::parse(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.error().find('\n'), std::string::npos);
    EXPECT_THAT(parsed.error(), testing::StartsWith("\"")) << bad;
  }
  EXPECT_EQ(ListenerSpec::parse("unix:/a b").error(),
            "\"unix:/a b\": \"b\" is not an option; there are proxy and mode=0660");
  EXPECT_EQ(ListenerSpec::parse("[::1]:1 mode=0660").error(),
            "\"[::1]:1 mode=0660\": only a Unix socket has a mode");
  EXPECT_EQ(ListenerSpec::parse("unix:a").error(),
            "\"unix:a\": the path of a socket begins with /, like unix:/run/comet/admin.sock");
}

TEST(ListenerSpec, TheSameAddressCannotBeBoundTwice) {
  EXPECT_TRUE(spec("127.0.0.1:1").collides_with(spec("127.0.0.1:1 proxy")));
  EXPECT_TRUE(spec("[::1]:1").collides_with(spec("[0:0::1]:1")));
  EXPECT_TRUE(spec("unix:/a").collides_with(spec("unix:/a mode=0600")));
  EXPECT_FALSE(spec("127.0.0.1:1").collides_with(spec("127.0.0.1:2")));
  EXPECT_TRUE(spec("0.0.0.0:1").collides_with(spec("127.0.0.1:1")));
  EXPECT_TRUE(spec("[::1]:1").collides_with(spec("[::]:1")));
  EXPECT_FALSE(spec("0.0.0.0:1").collides_with(spec("127.0.0.1:2")));
  EXPECT_FALSE(spec("0.0.0.0:1").collides_with(spec("[::1]:1")));
  EXPECT_FALSE(spec("0.0.0.0:0").collides_with(spec("127.0.0.1:0")));
  EXPECT_FALSE(spec("127.0.0.1:0").collides_with(spec("127.0.0.1:0")));
  EXPECT_FALSE(spec("unix:/a").collides_with(spec("unix:/b")));
  EXPECT_FALSE(spec("unix:/a").collides_with(spec("127.0.0.1:1")));
}

}  // namespace
}  // namespace comet
