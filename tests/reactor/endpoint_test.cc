#include "reactor/endpoint.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace reactor {
namespace {

using namespace std::literals;

TEST(IpAddress, ReadsAndPrintsBothFamilies) {
  struct Case {
    std::string_view text;
    std::string_view canonical;
    bool is_v4;
  };
  for (const Case& c : {
           Case{"0.0.0.0", "0.0.0.0", true},
           Case{"127.0.0.1", "127.0.0.1", true},
           Case{"255.255.255.255", "255.255.255.255", true},
           Case{"::", "::", false},
           Case{"::1", "::1", false},
           Case{"2001:db8::8:800:200C:417A", "2001:db8::8:800:200c:417a", false},
           Case{"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1", false},
           Case{"fe80::1", "fe80::1", false},
           Case{"64:ff9b::1.2.3.4", "64:ff9b::102:304", false},
           Case{"::ffff:10.1.2.3", "10.1.2.3", true},
           Case{"::FFFF:10.1.2.3", "10.1.2.3", true},
           Case{"::ffff:a01:203", "10.1.2.3", true},
           Case{"::fffe:a01:203", "::fffe:a01:203", false},
       }) {
    const auto address = IpAddress::parse(c.text);
    ASSERT_TRUE(address.ok()) << c.text;
    EXPECT_EQ(address->is_v4, c.is_v4) << c.text;
    EXPECT_EQ(address->to_string(), c.canonical) << c.text;
    const auto again = IpAddress::parse(address->to_string());
    ASSERT_TRUE(again.ok()) << c.text;
    EXPECT_EQ(*again, *address) << c.text;
  }
}

TEST(IpAddress, IPv4StandsInTheFirstFourBytesAndTheRestIsZero) {
  const std::array<std::uint8_t, 16> expected{1, 2, 3, 4};
  for (const auto text : {"1.2.3.4", "::ffff:1.2.3.4"}) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address->bytes, expected) << text;
  }
}

TEST(IpAddress, EqualBytesOfDifferentFamiliesAreDifferent) {
  const auto v4 = IpAddress::parse("32.1.13.184");
  const auto v6 = IpAddress::parse("2001:db8::");
  ASSERT_TRUE(v4.ok() && v6.ok());
  EXPECT_EQ(v4->bytes, v6->bytes);
  EXPECT_NE(*v4, *v6);
}

TEST(IpAddress, RefusesWhatIsNotOne) {
  for (const std::string_view text : {""sv,
                                      " "sv,
                                      "localhost"sv,
                                      "1.2.3"sv,
                                      "1.2.3.4.5"sv,
                                      "1.2.3.256"sv,
                                      "1.2.3.-4"sv,
                                      " 1.2.3.4"sv,
                                      "1.2.3.4 "sv,
                                      "1.2.3.4/8"sv,
                                      "0x7f.0.0.1"sv,
                                      "2130706433"sv,
                                      ":"sv,
                                      ":::"sv,
                                      "1::2::3"sv,
                                      "1:2:3:4:5:6:7"sv,
                                      "1:2:3:4:5:6:7:8:9"sv,
                                      "g::1"sv,
                                      "12345::"sv,
                                      "[::1]"sv,
                                      "fe80::1%lo"sv,
                                      "::1 "sv,
                                      "*"sv}) {
    const auto address = IpAddress::parse(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_EQ(address.error(), "\"" + std::string(text) + "\" is not an IPv4 or IPv6 address");
  }
}

TEST(IpAddress, AZeroByteDoesNotEndTheText) {
  EXPECT_FALSE(IpAddress::parse("127.0.0.1\0garbage"sv).ok());
  EXPECT_FALSE(IpAddress::parse("::1\0"sv).ok());
}

TEST(Endpoint, ReadsAndPrintsBothFamilies) {
  struct Case {
    std::string_view text;
    std::string_view canonical;
    std::uint16_t port;
  };
  for (const Case& c : {
           Case{"127.0.0.1:8100", "127.0.0.1:8100", 8100},
           Case{"0.0.0.0:0", "0.0.0.0:0", 0},
           Case{"10.0.0.1:65535", "10.0.0.1:65535", 65535},
           Case{"[::]:8100", "[::]:8100", 8100},
           Case{"[::1]:1", "[::1]:1", 1},
           Case{"[2001:DB8::A]:443", "[2001:db8::a]:443", 443},
           Case{"[::ffff:127.0.0.1]:80", "127.0.0.1:80", 80},
       }) {
    const auto endpoint = Endpoint::parse(c.text);
    ASSERT_TRUE(endpoint.ok()) << c.text << ": " << endpoint.error();
    EXPECT_EQ(endpoint->port, c.port) << c.text;
    EXPECT_EQ(endpoint->to_string(), c.canonical) << c.text;
    const auto again = Endpoint::parse(endpoint->to_string());
    ASSERT_TRUE(again.ok()) << c.text;
    EXPECT_EQ(*again, *endpoint) << c.text;
  }
}

TEST(Endpoint, RefusesWithASentenceThatQuotesTheText) {
  struct Case {
    std::string_view text;
    std::string_view why;
  };
  for (const Case& c : {
           Case{"", "has no port"},
           Case{"127.0.0.1", "has no port"},
           Case{"8100", "has no port"},
           Case{"localhost:8100", "\"localhost\" is not an IPv4 or IPv6 address"},
           Case{":8100", "\"\" is not an IPv4 or IPv6 address"},
           Case{"*:8100", "\"*\" is not an IPv4 or IPv6 address"},
           Case{"[]:8100", "\"\" is not an IPv4 or IPv6 address"},
           Case{"[::1:8100", "without brackets"},
           Case{"::1]:8100", "without brackets"},
           Case{"::1:8100", "without brackets"},
           Case{"[[::1]]:8100", "is not an IPv4 or IPv6 address"},
           Case{"[::1]8100", ""},
           Case{"[::1]", ""},
           Case{"127.0.0.1:", "bad port"},
           Case{"127.0.0.1:65536", "bad port"},
           Case{"127.0.0.1:4294967297", "bad port"},
           Case{"127.0.0.1:18446744073709551617", "bad port"},
           Case{"127.0.0.1:-1", "bad port"},
           Case{"127.0.0.1:+1", "bad port"},
           Case{"127.0.0.1: 1", "bad port"},
           Case{"127.0.0.1:1 ", "bad port"},
           Case{"127.0.0.1:0x50", "bad port"},
           Case{"127.0.0.1:http", "bad port"},
           Case{"[::1]:x", "bad port"},
       }) {
    const auto endpoint = Endpoint::parse(c.text);
    ASSERT_FALSE(endpoint.ok()) << c.text;
    EXPECT_TRUE(endpoint.error().starts_with("\"" + std::string(c.text) + "\""))
        << endpoint.error();
    EXPECT_NE(endpoint.error().find(c.why), std::string::npos) << endpoint.error();
    EXPECT_EQ(endpoint.error().find('\n'), std::string::npos) << endpoint.error();
  }
}

TEST(Endpoint, IsReadFromTheKernelsAddresses) {
  sockaddr_storage storage{};
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(8100);
  v4.sin_addr.s_addr = htonl(0x0a010203);
  std::memcpy(&storage, &v4, sizeof v4);
  EXPECT_EQ(Endpoint::from_sockaddr(storage).to_string(), "10.1.2.3:8100");

  storage = {};
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(443);
  v6.sin6_addr = in6addr_loopback;
  std::memcpy(&storage, &v6, sizeof v6);
  EXPECT_EQ(Endpoint::from_sockaddr(storage).to_string(), "[::1]:443");
}

TEST(Endpoint, AMappedPeerCountsAsIPv4) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(1);
  v6.sin6_addr.s6_addr[10] = 0xff;
  v6.sin6_addr.s6_addr[11] = 0xff;
  v6.sin6_addr.s6_addr[12] = 192;
  v6.sin6_addr.s6_addr[15] = 9;
  sockaddr_storage storage{};
  std::memcpy(&storage, &v6, sizeof v6);
  EXPECT_EQ(Endpoint::from_sockaddr(storage).to_string(), "192.0.0.9:1");
}

}  // namespace
}  // namespace reactor
