#include "comet/forwarded_for.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/request_parser.h"

namespace comet {
namespace {

using Kind = ForwardedFor::Kind;

// The client that a request with these headers has: its address, "unknown" or "absent".
std::string client(const std::vector<std::string>& headers,
                   const std::vector<std::string>& trusted = {"10.0.0.0/8", "fd00::/8"}) {
  std::string text = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded: 1.1.1.1\r\n";
  for (const std::string& header : headers) text.append(header).append("\r\n");
  text.append("Forwarded: for=2.2.2.2\r\n\r\n");
  const http::RequestLimits limits;
  http::RequestParser parser(limits);
  EXPECT_EQ(parser.parse(text).state, http::RequestParser::State::kComplete);
  const auto found = ForwardedFor::read(parser.request(), *TrustedProxies::make(trusted));
  if (found.kind == Kind::kAbsent) return "absent";
  return found.kind == Kind::kUnknown ? "unknown" : found.client.to_string();
}

std::string client_of(const std::string& list) { return client({"X-Forwarded-For: " + list}); }

TEST(ForwardedFor, WithoutTheHeaderNobodyIsNamed) {
  EXPECT_EQ(client({}), "absent");
  EXPECT_EQ(client_of(""), "absent");
  EXPECT_EQ(client_of(" , ,"), "absent");
}

TEST(ForwardedFor, TheClientIsTheRightmostWhoIsNoTrustedProxy) {
  EXPECT_EQ(client_of("203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(client_of("203.0.113.9, 10.0.0.1"), "203.0.113.9");
  EXPECT_EQ(client_of("203.0.113.9,10.0.0.1 ,\t10.0.0.2"), "203.0.113.9");
  EXPECT_EQ(client_of("2001:db8::7, fd00::1, 10.0.0.2"), "2001:db8::7");
}

TEST(ForwardedFor, WhatTheClientWroteHimselfDoesNotCount) {
  EXPECT_EQ(client_of("127.0.0.1, 203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(client_of("10.0.0.1, 203.0.113.9, 10.0.0.2"), "203.0.113.9");
  EXPECT_EQ(client_of("nonsense, 203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(client_of(",,\"<script>, 203.0.113.9"), "203.0.113.9");
}

TEST(ForwardedFor, WhereAllAreTrustedTheFirstIsTheClient) {
  EXPECT_EQ(client_of("10.0.0.3"), "10.0.0.3");
  EXPECT_EQ(client_of("10.0.0.1, 10.0.0.2"), "10.0.0.1");
}

TEST(ForwardedFor, SeveralHeadersAreOneList) {
  EXPECT_EQ(client({"X-Forwarded-For: 127.0.0.1", "x-forwarded-for: 203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(client({"X-Forwarded-For: 203.0.113.9", "Accept: */*", "X-FORWARDED-FOR: 10.0.0.1"}),
            "203.0.113.9");
  EXPECT_EQ(client({"X-Forwarded-For: 203.0.113.9", "X-Forwarded-For:"}), "203.0.113.9");
}

TEST(ForwardedFor, PortsAndBracketsAreAsSeenInTheWild) {
  EXPECT_EQ(client_of("203.0.113.9:51234"), "203.0.113.9");
  EXPECT_EQ(client_of("203.0.113.9, 10.0.0.1:80"), "203.0.113.9");
  EXPECT_EQ(client_of("[2001:db8::7]:443"), "2001:db8::7");
  EXPECT_EQ(client_of("[2001:db8::7]"), "2001:db8::7");
  EXPECT_EQ(client_of("2001:db8::7"), "2001:db8::7");
  EXPECT_EQ(client_of("::ffff:203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(client_of("[::ffff:203.0.113.9]:1"), "203.0.113.9");
}

TEST(ForwardedFor, AnEntryOfATrustedProxyThatIsNoAddressLeavesTheClientUnknown) {
  for (const std::string bad : {"unknown",
                                "_hidden",
                                "-",
                                "localhost",
                                "203.0.113",
                                "203.0.113.9:",
                                "203.0.113.9:x",
                                "203.0.113.9:123456",
                                "[2001:db8::7",
                                "[2001:db8::7]443",
                                "[2001:db8::7]:",
                                "[]",

                                "203.0.113.9 10.0.0.1",
                                "\"203.0.113.9\"",
                                "fe80::1%eth0",
                                "unix:",
                                "256.0.0.1",
                                "1.2.3.4/8",
                                ":80",
                                ":"}) {
    EXPECT_EQ(client_of(bad), "unknown") << bad;
    // What stands left of it is beyond it.
    EXPECT_EQ(client_of("203.0.113.9, " + bad), "unknown") << bad;
    EXPECT_EQ(client_of("203.0.113.9, " + bad + ", 10.0.0.1"), "unknown") << bad;
  }
}

TEST(ForwardedFor, ATrustedUnixSocketIsAStepOfTheWay) {
  EXPECT_EQ(client({"X-Forwarded-For: 203.0.113.9, unix:"}, {"unix"}), "203.0.113.9");
  EXPECT_EQ(client({"X-Forwarded-For: unix:"}, {"unix"}), "absent");
  EXPECT_EQ(client({"X-Forwarded-For: 203.0.113.9, unix:"}, {"10.0.0.1"}), "unknown");
}

}  // namespace
}  // namespace comet
