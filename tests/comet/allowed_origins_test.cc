#include "comet/allowed_origins.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/request_parser.h"

namespace comet {
namespace {

constexpr std::string_view kCredentials = "Access-Control-Allow-Credentials: true\r\n";

std::string allow(std::string_view origin) {
  return "Access-Control-Allow-Origin: " + std::string(origin) + "\r\n";
}

std::optional<std::string> asked_with(const std::vector<std::string>& entries,
                                      const std::string& headers) {
  http::RequestParser parser{http::RequestLimits{}};
  const std::string text = "GET /sse HTTP/1.1\r\n" + headers + "\r\n";
  EXPECT_EQ(parser.parse(text).state, http::RequestParser::State::kComplete);
  return AllowedOrigins(entries).admit(parser.request());
}

std::optional<std::string> asked_by(const std::vector<std::string>& entries,
                                    const std::string& origin,
                                    const std::string& host = "push.example.com") {
  return asked_with(entries, "Host: " + host + "\r\nOrigin: " + origin + "\r\n");
}

TEST(AllowedOrigins, EverybodyIsWhoeverAsks) {
  EXPECT_EQ(asked_by({"*"}, "https://a.example"), "");
  EXPECT_EQ(AllowedOrigins::common_headers(std::vector<std::string>{"*"}), allow("*"));
}

TEST(AllowedOrigins, ProgramsSayNoOriginAndPass) {
  for (const std::vector<std::string>& entries :
       {std::vector<std::string>{}, {"*"}, {"https://a.example"}}) {
    EXPECT_EQ(asked_with(entries, "Host: push.example.com\r\n"), "");
  }
}

TEST(AllowedOrigins, AnOriginThatStandsThereMaySendCredentials) {
  const std::vector<std::string> entries{"https://a.example", "http://localhost:3000", "*"};
  EXPECT_EQ(asked_by(entries, "https://a.example"),
            allow("https://a.example") + std::string(kCredentials));
  EXPECT_EQ(asked_by(entries, "http://localhost:3000"),
            allow("http://localhost:3000") + std::string(kCredentials));
  EXPECT_EQ(asked_by(entries, "https://b.example"), allow("*")) << "by the star, without them";
}

TEST(AllowedOrigins, OthersAreRefused) {
  const std::vector<std::string> entries{"https://a.example", "*.b.example"};
  for (const char* const origin :
       {"https://evil.example", "http://a.example", "https://a.example:8443", "https://a.example.",
        "https://a.example.evil.example", "https://xa.example", "https://b.example",
        "https://xb.example", "https://.b.example", "https://evil.example/.b.example",
        "https://evil.example?.b.example", "https://evil.example#.b.example", "null", "x"}) {
    EXPECT_EQ(asked_by(entries, origin), std::nullopt) << origin;
  }
  EXPECT_EQ(asked_by({}, "https://a.example"), std::nullopt);
}

TEST(AllowedOrigins, PatternsAreForTheNamesBelowADomain) {
  for (const char* const origin :
       {"https://www.b.example", "http://x.y.b.example", "https://www.b.example:8443"}) {
    EXPECT_EQ(asked_by({"*.b.example"}, origin), allow(origin)) << "and no credentials";
  }
  EXPECT_EQ(asked_by({"https://*.b.example"}, "https://w.b.example"), allow("https://w.b.example"));
  EXPECT_EQ(asked_by({"https://*.b.example"}, "http://w.b.example"), std::nullopt);
  EXPECT_EQ(asked_by({"https://*.b.example"}, "https://w.b.example:1"), std::nullopt);
  EXPECT_EQ(asked_by({"*.b.example:8443"}, "https://w.b.example:8443"),
            allow("https://w.b.example:8443"));
  EXPECT_EQ(asked_by({"*.b.example:8443"}, "https://w.b.example"), std::nullopt);
}

TEST(AllowedOrigins, EntriesMayBeSpeltAsPeopleDo) {
  EXPECT_NE(asked_by({"HTTPS://A.Example:443"}, "https://a.example"), std::nullopt);
  EXPECT_NE(asked_by({"http://a.example:80"}, "http://a.example"), std::nullopt);
  EXPECT_NE(asked_by({"http://[::1]:3000"}, "http://[::1]:3000"), std::nullopt);
  EXPECT_NE(asked_by({"null"}, "null"), std::nullopt);
  EXPECT_NE(asked_by({"*.B.example"}, "https://w.b.example"), std::nullopt);
}

TEST(AllowedOrigins, AServersOwnPagesPass) {
  EXPECT_EQ(asked_by({}, "https://push.example.com"), "");
  EXPECT_EQ(asked_by({}, "http://127.0.0.1:8100", "127.0.0.1:8100"), "");
  EXPECT_EQ(asked_by({}, "http://127.0.0.1:8101", "127.0.0.1:8100"), std::nullopt);
}

TEST(AllowedOrigins, CachesAreToldWhereAnswersDiffer) {
  for (const std::vector<std::string>& entries :
       {std::vector<std::string>{}, {"*", "https://a.example"}, {"*.b.example"}}) {
    EXPECT_EQ(AllowedOrigins::common_headers(entries), "Vary: Origin\r\n");
  }
}

TEST(AllowedOrigins, WhatIsNoOriginIsComplainedAbout) {
  for (const char* const entry :
       {"*", "null", "https://a.example", "http://localhost:3000", "*.b.example",
        "https://*.b.example:8443", "http://[::1]:1", "capacitor://localhost"}) {
    EXPECT_EQ(AllowedOrigins::complaint(entry), std::nullopt) << entry;
  }
  for (const char* const entry :
       {"", "a.example", "https://", "https://a.example/", "https://a.example/x", "https://a b",
        "https://a.example:", "https://a.example:port", "*.", "https://*", "*b.example",
        "**.b.example", "https://a.*.example", "https://a\r\nX: y"}) {
    EXPECT_NE(AllowedOrigins::complaint(entry), std::nullopt) << entry;
  }
}

}  // namespace
}  // namespace comet
