#include "comet/front.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "http/request_parser.h"

namespace comet {
namespace {

class FrontTest : public testing::Test {
 protected:
  FrontAction handle(std::string_view path, std::string_view query,
                     http::Method method = http::Method::kGet, std::string_view accept = {},
                     int version_minor = 1) {
    http::Request request;
    request.method = method;
    request.target = path;
    request.path = path;
    request.query = query;
    request.accept = accept;
    request.version_minor = version_minor;
    return front_.handle(request);
  }
  Reply reply(std::string_view path, std::string_view query,
              http::Method method = http::Method::kGet) {
    FrontAction action = handle(path, query, method);
    if (Reply* reply = std::get_if<Reply>(&action)) return std::move(*reply);
    ADD_FAILURE() << path << '?' << query << " was not answered at once";
    return {};
  }
  SubscribeRequest subscribe(std::string_view path, std::string_view query,
                             std::string_view accept = {}, int version_minor = 1) {
    FrontAction action = handle(path, query, http::Method::kGet, accept, version_minor);
    if (auto* request = std::get_if<SubscribeRequest>(&action)) return std::move(*request);
    ADD_FAILURE() << path << '?' << query << ": " << std::get<Reply>(action).body;
    return {};
  }

  void expect_error(std::string_view query, std::string_view sentence) {
    const Reply got = reply("/stream", query);
    EXPECT_EQ(got.status, 400) << query;
    EXPECT_NE(got.body.find(sentence), std::string::npos) << query << ": " << got.body;
  }

  Config config_;
  NameHash hash_{1, 2};
  Front front_{config_, hash_};
};

TEST_F(FrontTest, TheClientStandsHereToo) {
  for (const char* path : {"/comet.js", "/comet.mjs"}) {
    const Reply script = reply(path, "v=3");
    EXPECT_EQ(script.status, 200) << path;
    EXPECT_EQ(script.content_type, kJavaScript);
    EXPECT_EQ(reply(path, "", http::Method::kHead).status, 200);
    EXPECT_EQ(reply(path, "", http::Method::kOptions).status, 204);
    EXPECT_EQ(reply(path, "", http::Method::kPost).status, 405);
  }
  EXPECT_EQ(reply("/console", "").status, 404);
}

TEST_F(FrontTest, TheDemonstrationIsThereWhenItIsAskedFor) {
  EXPECT_EQ(reply("/demo", "").status, 404);
  EXPECT_EQ(reply("/demo/main.js", "").status, 404);
  config_.front.demo = true;
  EXPECT_EQ(reply("/demo", "").status, 200);
  EXPECT_EQ(reply("/demo/main.js", "").status, 200);
  const std::string& headers = reply("/demo", "").headers;
  EXPECT_NE(headers.find("script-src 'self'; style-src 'self';"), std::string::npos) << headers;
}

TEST_F(FrontTest, AWebSocketBeginsWithAHandshakeAndCanNameItsChannelsLater) {
  http::RequestParser parser{http::RequestLimits{}};
  const auto open = [&](std::string_view query) {
    parser.reset();
    const auto progress = parser.parse(std::string("GET /ws").append(query).append(
        " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: chat\r\n\r\n"));
    EXPECT_EQ(progress.state, http::RequestParser::State::kComplete);
    return front_.handle(parser.request());
  };
  FrontAction named = open("?cname=a&seq=3&noop=7");
  auto& opening = std::get<WebsocketOpening>(named);
  EXPECT_EQ(opening.handshake.protocol, "chat");
  EXPECT_EQ(opening.subscribe.framing, (Framing{Transport::kWebSocket, false}));
  EXPECT_EQ(opening.subscribe.name.text, "a");
  EXPECT_EQ(opening.subscribe.wanted, 3);
  EXPECT_EQ(opening.subscribe.noop, 7);
  FrontAction unnamed = open("");
  EXPECT_FALSE(std::get<WebsocketOpening>(unnamed).subscribe.has_channel());
  FrontAction wrong = open("?cname=");
  EXPECT_EQ(std::get<Reply>(wrong).status, 400);
  EXPECT_EQ(reply("/ws", "cname=a").status, 426);
}

TEST_F(FrontTest, WhatIsWrongIsSaidInOneLine) {
  const std::string long_name(256, 'x');
  const std::string long_callback(129, 'f');
  const struct {
    std::string query;
    std::string_view line;
  } rows[] = {
      {"", "cname is missing\n"},
      {"cname=", "cname is missing\n"},
      {"cname=" + long_name, "cname is longer than 255 bytes\n"},
      {"cname=%ff", "cname is not valid UTF-8\n"},
      {"cname=a%0a", "cname has a control character\n"},
      {"cname=a%7f", "cname has a control character\n"},
      {"cname=%c2%85", "cname has a control character\n"},
      {"cname=%zz", "the query has a bad percent-encoding\n"},
      {"cname=a&seq=x", "seq is not a number\n"},
      {"cname=a&seq=1.5", "seq is not a number\n"},
      {"cname=a&seq=-", "seq is not a number\n"},
      {"cname=a&seq=%2B1", "seq is not a number\n"},
      {"cname=a&noop=x", "noop is not a number\n"},
      {"cname=a&cb=alert(1)", "cb is not an identifier path of at most 128 bytes\n"},
      {"cname=a&cb=" + long_callback, "cb is not an identifier path of at most 128 bytes\n"},
  };
  for (const auto& row : rows) {
    for (const char* path : {"/poll", "/sub", "/stream", "/iframe", "/sse"}) {
      const Reply got = reply(path, row.query);
      EXPECT_EQ(got.status, 400) << row.query;
      EXPECT_EQ(got.body, row.line) << row.query;
    }
  }
}

TEST_F(FrontTest, AnEventSourceGoesOnBehindTheEventThatItSawLast) {
  EXPECT_EQ(subscribe("/sse", "cname=a&seq=3&last_event_id=7").wanted, 8);
  EXPECT_EQ(subscribe("/sse", "cname=a&LAST_EVENT_ID=0").wanted, 1) << "and not from now on";
  EXPECT_EQ(subscribe("/sse", "cname=a&seq=3&last_event_id=").wanted, 3);
  EXPECT_EQ(subscribe("/sse", "cname=a&last_event_id=99999999999999999999").wanted,
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(subscribe("/stream", "cname=a&seq=3&last_event_id=7").wanted, 3) << "has no events";
  for (const char* const id : {"x", "-1", "7,8", "7 "}) {
    const Reply got = reply("/sse", "cname=a&last_event_id=" + std::string(id));
    EXPECT_EQ(got.status, 400);
    EXPECT_EQ(got.body, "Last-Event-ID is not the id of an event\n") << id;
  }
}

TEST_F(FrontTest, APageOfAnOriginThatIsNotAllowedGetsNothing) {
  config_.front.allow_origins = {"https://a.example"};
  front_.reconfigure(config_);
  const auto asked = [this](std::string_view path, std::string_view origin) {
    const std::string storage = "origin" + std::string(origin);
    const http::HeaderSlice header{0, 6, 6, static_cast<std::uint32_t>(origin.size())};
    http::Request request;
    request.method = http::Method::kGet;
    request.path = path;
    request.query = "cname=a";
    request.headers = {&header, 1};
    request.storage = storage.data();
    return front_.handle(request);
  };
  for (const char* const path : {"/poll", "/sub", "/stream", "/iframe", "/sse", "/ping"}) {
    EXPECT_EQ(std::get<CloseReason>(asked(path, "https://b.example")), CloseReason::kOriginRefused);
  }
  EXPECT_EQ(std::get<SubscribeRequest>(asked("/sse", "https://a.example")).header_lines,
            "Access-Control-Allow-Origin: https://a.example\r\n"
            "Access-Control-Allow-Credentials: true\r\n");
}

TEST_F(FrontTest, NamesAndCallbacksAtTheirLimitsAreTaken) {
  EXPECT_EQ(subscribe("/sub", "cname=" + std::string(255, 'x')).name.text.size(), 255u);
  EXPECT_EQ(subscribe("/sub", "cname=a&cb=" + std::string(128, 'f')).poll.callback.size(), 128u);
}

TEST_F(FrontTest, UnknownPathsAndMethods) {
  EXPECT_EQ(reply("/nothing", "").status, 404);
  EXPECT_EQ(reply("/push", "cname=a&content=b").status, 404) << "that is the other port's";
  for (const http::Method method :
       {http::Method::kPost, http::Method::kHead, http::Method::kOther}) {
    const Reply got = reply("/poll", "cname=a", method);
    EXPECT_EQ(got.status, 405);
    EXPECT_EQ(got.headers, "Allow: GET, OPTIONS\r\n");
  }
  EXPECT_EQ(reply("/nothing", "", http::Method::kPost).status, 404);
  EXPECT_EQ(reply("/poll", "", http::Method::kOptions).status, 204);
  EXPECT_EQ(reply("*", "", http::Method::kOptions).status, 204);
  EXPECT_EQ(reply("/nothing", "", http::Method::kOptions).status, 404);
}

TEST_F(FrontTest, ParametersReachTheSubscription) {
  const SubscribeRequest got = subscribe(
      "/stream", "CNAME=a+b%26&Seq=12&noop=-3&token=000102030405060708090A0b0c0d0e0f&_=1&cname=c");
  EXPECT_EQ(got.name.text, "a b&");
  EXPECT_EQ(got.name.hash, hash_("a b&"));
  EXPECT_EQ(got.wanted, 12);
  EXPECT_EQ(got.noop, -3);
  EXPECT_TRUE(got.has_token);
  EXPECT_EQ(got.token.bytes[15], 15);
  EXPECT_EQ(got.framing, (Framing{Transport::kStream, true}));
}

TEST_F(FrontTest, WhatIsMissingHasADefault) {
  const SubscribeRequest got = subscribe("/sse", "cname=a&seq=&token=short", {}, 0);
  EXPECT_EQ(got.wanted, 0);
  EXPECT_EQ(got.noop, 0);
  EXPECT_FALSE(got.has_token);
  EXPECT_EQ(got.framing, (Framing{Transport::kSse, false}));
  EXPECT_EQ(subscribe("/iframe", "cname=a").framing.transport, Transport::kIframe);
}

TEST_F(FrontTest, AnEnormousSeqIsANumber) {
  EXPECT_EQ(subscribe("/sub", "cname=a&seq=99999999999999999999999").wanted, INT64_MAX);
  EXPECT_LT(subscribe("/sub", "cname=a&seq=-99999999999999999999999").wanted, 0);
}

TEST_F(FrontTest, CallbacksByPathParameterAndAccept) {
  const struct {
    std::string_view path, query, accept;
    bool jsonp;
    std::string_view callback;
  } rows[] = {
      {"/poll", "cname=a", "", true, "icomet_cb"},
      {"/poll", "cname=a", "*/*", true, "icomet_cb"},
      {"/poll", "cname=a&cb=", "", false, ""},
      {"/poll", "cname=a", "application/json", false, ""},
      {"/poll", "cname=a&cb=f", "application/json", true, "f"},
      {"/poll", "cname=a&cb=a.b[0].$_", "", true, "a.b[0].$_"},
      {"/sub", "cname=a", "", false, ""},
      {"/sub", "cname=a&cb=f", "", true, "f"},
      {"/sub", "cname=a&cb=", "", false, ""},
  };
  for (const auto& row : rows) {
    const SubscribeRequest got = subscribe(row.path, row.query, row.accept);
    EXPECT_EQ(got.framing.transport, Transport::kPoll);
    EXPECT_EQ(got.poll.jsonp, row.jsonp) << row.path << '?' << row.query;
    EXPECT_EQ(got.poll.callback, row.callback) << row.path << '?' << row.query;
  }
}

TEST_F(FrontTest, PingTellsTheHeartbeat) {
  const Reply got = reply("/ping", "");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "icomet_cb({\"type\":\"ping\",\"sub_timeout\":30});\n");
  EXPECT_EQ(got.content_type, kJavaScript);
  EXPECT_EQ(reply("/ping", "cb=f").body, "f({\"type\":\"ping\",\"sub_timeout\":30});\n");
  EXPECT_EQ(reply("/ping", "cb=").body, "{\"type\":\"ping\",\"sub_timeout\":30}\n");
  EXPECT_EQ(reply("/ping", "cb=<").status, 400);
}

// --- Several channels -------------------------------------------------------------------------

TEST_F(FrontTest, ChannelsNumbersAndTokensGoInStep) {
  const std::string token = "000102030405060708090a0b0c0d0e0f";
  const SubscribeRequest got =
      subscribe("/sse", "cname=a&seq=3&cname=b&seq=&cname=c&seq=9&token=&token=" + token);
  EXPECT_TRUE(got.is_bundle());
  EXPECT_EQ(got.name.text, "a");
  EXPECT_EQ(got.wanted, 3);
  EXPECT_FALSE(got.has_token);
  ASSERT_EQ(got.more.size(), 2u);
  EXPECT_EQ(got.more[0].name, hash_.named("b"));
  EXPECT_EQ(got.more[0].wanted, 0);
  EXPECT_TRUE(got.more[0].has_token);
  EXPECT_EQ(got.more[0].token.hex(), token);
  EXPECT_EQ(got.more[1].name, hash_.named("c"));
  EXPECT_EQ(got.more[1].wanted, 9);
  EXPECT_FALSE(got.more[1].has_token);
}

TEST_F(FrontTest, WithOneChannelTheFirstNumberCounts) {
  const SubscribeRequest got = subscribe("/stream", "cname=a&seq=3&seq=x&token=1&token=2");
  EXPECT_FALSE(got.is_bundle());
  EXPECT_EQ(got.wanted, 3);
  EXPECT_FALSE(subscribe("/stream", "cname=a&cname=").is_bundle());
}

TEST_F(FrontTest, WhatIsWrongWithOneOfSeveralChannelsIsSaid) {
  expect_error("cname=a&seq=1&cname=b&seq=x", "seq is not a number");
  expect_error("cname=a&cname=%01", "control character");
}

TEST_F(FrontTest, AnIdOfSeveralChannelsTakesThePlaceOfTheirNumbers) {
  const SubscribeRequest got =
      subscribe("/sse", "cname=a&cname=b&cname=c&seq=1&seq=1&seq=1&last_event_id=4,-1,9");
  EXPECT_EQ(got.wanted, 5);
  ASSERT_EQ(got.more.size(), 2u);
  EXPECT_EQ(got.more[0].wanted, 0);
  EXPECT_EQ(got.more[1].wanted, 10);
  EXPECT_EQ(subscribe("/stream", "cname=a&cname=b&seq=1&last_event_id=4,4").wanted, 1);
  for (const char* wrong : {"4", "4,4,4", "4,", ",4", "4,x", "4,-2", "4;4"}) {
    const Reply answer = reply("/sse", std::string("cname=a&cname=b&last_event_id=") + wrong);
    EXPECT_EQ(answer.status, 400) << wrong;
    EXPECT_EQ(answer.body, "Last-Event-ID is not a number for each channel\n") << wrong;
  }
}

TEST_F(FrontTest, AConnectionHasSoManyChannelsAtMost) {
  std::string query = "cname=0";
  config_.front.max_channels_per_connection = 4;
  for (int i = 1; i < 4; ++i) query.append("&cname=").append(std::to_string(i));
  EXPECT_EQ(subscribe("/poll", query).more.size(), 3u);
  expect_error(query + "&cname=4", "more than 4 channels");
  config_.front.max_channels_per_connection = 1;
  expect_error("cname=a&cname=b", "more than 1 channels");
}

}  // namespace
}  // namespace comet
