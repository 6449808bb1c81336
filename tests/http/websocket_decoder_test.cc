#include "http/websocket_decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/client_frame.h"

namespace http {
namespace {

using namespace std::literals;
using support::client_fragment;
using support::client_frame;
using support::ClientFrame;
using support::close_payload;
using support::kBinary;
using support::kClose;
using support::kContinuation;
using support::kPing;
using support::kPong;
using support::kText;
using State = WebsocketDecoder::State;

constexpr std::size_t kMessageBytesMax = 256;

std::string_view name_of(State state) {
  constexpr std::string_view kNames[] = {"more", "text", "binary", "ping", "pong", "close", "fail"};
  return kNames[static_cast<std::size_t>(state)];
}

// All that the bytes complete, in words: "text(hello)", "close(1000 bye)", "fail(1002)".
class Transcript {
 public:
  void feed(std::string_view bytes) {
    while (!failed_) {
      const auto progress = decoder_.decode(bytes);
      ASSERT_LE(progress.consumed, bytes.size());
      bytes.remove_prefix(progress.consumed);
      if (progress.state == State::kNeedMore) {
        ASSERT_TRUE(bytes.empty());
        return;
      }
      words_.append(words_.empty() ? "" : " ").append(name_of(progress.state)).append("(");
      if (progress.state == State::kFailed) {
        failed_ = true;
        EXPECT_FALSE(decoder_.fault().reason.empty());
        words_.append(std::to_string(static_cast<int>(decoder_.fault().code)));
      } else if (progress.state == State::kClose) {
        words_.append(std::to_string(static_cast<int>(decoder_.close_code()))).append(" ");
        words_.append(decoder_.payload());
      } else {
        words_.append(decoder_.payload());
      }
      words_.append(")");
    }
  }

  [[nodiscard]] const std::string& words() const { return words_; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool idle() const { return decoder_.idle(); }

 private:
  WebsocketDecoder decoder_{kMessageBytesMax};
  std::string words_;
  bool failed_ = false;
};

std::string decoded(std::string_view bytes) {
  Transcript transcript;
  transcript.feed(bytes);
  return transcript.words();
}

// Whole, byte by byte, and in two parts at every place: the same.
void expect_decoded(std::string_view bytes, std::string_view expected) {
  SCOPED_TRACE(testing::PrintToString(bytes.substr(0, 32)));
  EXPECT_EQ(decoded(bytes), expected);
  Transcript single;
  for (std::size_t i = 0; i < bytes.size(); ++i) single.feed(bytes.substr(i, 1));
  EXPECT_EQ(single.words(), expected);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Transcript parts;
    parts.feed(bytes.substr(0, cut));
    parts.feed(bytes.substr(cut));
    ASSERT_EQ(parts.words(), expected) << "cut at " << cut;
  }
}

TEST(WebsocketDecoder, ReadsTheExamplesOfTheRfc) {
  // RFC 6455 5.7, those that a client sends.
  expect_decoded("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"sv, "text(Hello)");
  expect_decoded("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"sv, "pong(Hello)");
}

TEST(WebsocketDecoder, ReadsMessagesOfEveryFormOfLength) {
  for (const std::size_t size : {0u, 1u, 124u, 125u, 126u, 127u, 255u, 256u}) {
    const std::string payload(size, 'x');
    expect_decoded(client_frame(kText, payload), "text(" + payload + ")");
    expect_decoded(client_frame(kBinary, payload), "binary(" + payload + ")");
  }
}

TEST(WebsocketDecoder, ReadsALengthOfEightBytes) {
  WebsocketDecoder decoder(0x10000);
  const std::string payload(0x10000, 'x');
  const std::string frame = client_frame(kText, payload);
  const auto progress = decoder.decode(frame);
  EXPECT_EQ(progress.state, State::kText);
  EXPECT_EQ(progress.consumed, frame.size());
  EXPECT_EQ(decoder.payload(), payload);
}

TEST(WebsocketDecoder, AMessageMayBeAsLongAsTheLimitAndNoLonger) {
  const std::string most(kMessageBytesMax, 'x');
  expect_decoded(client_frame(kText, most), "text(" + most + ")");
  expect_decoded(client_fragment(kText, most, false) + client_frame(kContinuation),
                 "text(" + most + ")");
  const std::string more(kMessageBytesMax + 1, 'x');
  expect_decoded(client_frame(kText, more), "fail(1009)");
  expect_decoded(client_fragment(kText, most, false) + client_frame(kContinuation, "x"),
                 "fail(1009)");
  // As soon as its head says so.
  expect_decoded(ClientFrame{.payload = more}.head(), "fail(1009)");
  expect_decoded("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04"sv, "fail(1009)");
}

TEST(WebsocketDecoder, RefusesWhatTheFramingForbids) {
  struct Case {
    std::string_view what;
    std::string bytes;
  };
  const std::string long_control(126, 'x');
  const std::vector<Case> cases{
      {"not masked", ClientFrame{.payload = "x", .masked = false}.bytes()},
      {"RSV1", ClientFrame{.payload = "x", .reserved = 4}.bytes()},
      {"RSV2", ClientFrame{.payload = "x", .reserved = 2}.bytes()},
      {"RSV3", ClientFrame{.opcode = kPing, .reserved = 1}.bytes()},
      {"opcode 3", client_frame(3)},
      {"opcode 7", client_frame(7, "x")},
      {"opcode 11", client_frame(11)},
      {"opcode 15", client_frame(15)},
      {"nothing to continue", client_frame(kContinuation, "x")},
      {"a text within a text", client_fragment(kText, "a", false) + client_frame(kText, "b")},
      {"a binary within a text", client_fragment(kText, "a", false) + client_frame(kBinary, "b")},
      {"a ping in fragments", client_fragment(kPing, "x", false)},
      {"a close in fragments", client_fragment(kClose, "", false)},
      {"a long ping", client_frame(kPing, long_control)},
      {"a long close", client_frame(kClose, long_control)},
      {"125 in two bytes", "\x81\xfe\x00\x7d"s + std::string(4 + 125, 'x')},
      {"65535 in eight bytes", "\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff\x01\x02\x03\x04"s},
      {"a negative length", "\x81\xff\x80\x00\x00\x00\x00\x01\x00\x00\x01\x02\x03\x04"s},
  };
  for (const Case& wrong : cases) {
    SCOPED_TRACE(wrong.what);
    const std::string words = decoded(wrong.bytes);
    EXPECT_EQ(words, "fail(1002)");
    expect_decoded(client_frame(kText, "before") + wrong.bytes, "text(before) fail(1002)");
  }
}

TEST(WebsocketDecoder, TellsAFaultOfTheHeadBeforeTheRestIsHere) {
  EXPECT_EQ(decoded("\xc1"), "fail(1002)");
  EXPECT_EQ(decoded("\x83"), "fail(1002)");
  EXPECT_EQ(decoded("\x80"), "fail(1002)");
  EXPECT_EQ(decoded("\x09"), "fail(1002)");
  EXPECT_EQ(decoded("\x81\x05"), "fail(1002)");
  EXPECT_EQ(decoded("\x89\xfe"), "fail(1002)");
}

TEST(WebsocketDecoder, JoinsFragmentsAndReadsControlFramesBetweenThem) {
  expect_decoded(client_fragment(kText, "one ", false) +
                     client_fragment(kContinuation, "two ", false) +
                     client_frame(kContinuation, "three"),
                 "text(one two three)");
  expect_decoded(client_fragment(kText, "one ", false) + client_frame(kPing, "p") +
                     client_fragment(kContinuation, "two", false) + client_frame(kPong) +
                     client_frame(kContinuation) + client_frame(kBinary, "b"),
                 "ping(p) pong() text(one two) binary(b)");
  expect_decoded(client_fragment(kText, "", false) + client_fragment(kContinuation, "", false) +
                     client_frame(kContinuation),
                 "text()");
}

TEST(WebsocketDecoder, ControlFramesHoldUpTo125Bytes) {
  const std::string most(125, 'x');
  expect_decoded(client_frame(kPing, most), "ping(" + most + ")");
  expect_decoded(client_frame(kPong, "\xff\xfe"), "pong(\xff\xfe)");
}

TEST(WebsocketDecoder, TextMustBeUtf8AlsoAcrossFragments) {
  expect_decoded(client_frame(kText, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"),
                 "text(\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5)");
  expect_decoded(client_fragment(kText, "\xce", false) + client_frame(kPing) +
                     client_fragment(kContinuation, "\xba\xe1", false) +
                     client_frame(kContinuation, "\xbd\xb9"),
                 "ping() text(\xce\xba\xe1\xbd\xb9)");
  expect_decoded(client_frame(kText, "\xed\xa0\x80"), "fail(1007)");
  expect_decoded(client_frame(kText, "cut \xf0\x9f\x98"), "fail(1007)");
  expect_decoded(client_fragment(kText, "\xf4", false) + client_frame(kContinuation, "\x90"),
                 "fail(1007)");
  // What a message left unfinished is not the next one's.
  expect_decoded(client_frame(kBinary, "\xf0\x9f") + client_frame(kText, "ok"),
                 "binary(\xf0\x9f) text(ok)");
}

TEST(WebsocketDecoder, TextThatCannotBecomeUtf8IsNotWaitedFor) {
  // Autobahn's 6.4: the frame goes on, and so would the message.
  const std::string frame =
      ClientFrame{.payload = "\xce\xba\xf4\x90 and more", .final = false}.bytes();
  Transcript transcript;
  transcript.feed(std::string_view(frame).substr(0, 6 + 3));
  EXPECT_FALSE(transcript.failed());
  transcript.feed(std::string_view(frame).substr(6 + 3, 1));
  EXPECT_EQ(transcript.words(), "fail(1007)");
}

TEST(WebsocketDecoder, ReadsCloseFrames) {
  expect_decoded(client_frame(kClose), "close(1005 )");
  expect_decoded(client_frame(kClose, close_payload(1000)), "close(1000 )");
  expect_decoded(client_frame(kClose, close_payload(4999, "bye \xe2\x82\xac")),
                 "close(4999 bye \xe2\x82\xac)");
  const std::string longest(123, 'x');
  expect_decoded(client_frame(kClose, close_payload(1001, longest)), "close(1001 " + longest + ")");
  expect_decoded(client_frame(kClose, "\x03"), "fail(1002)");
  expect_decoded(client_frame(kClose, close_payload(1000, "\xff")), "fail(1007)");
  expect_decoded(client_frame(kClose, close_payload(1000, "\xf0\x9f")), "fail(1007)");
}

TEST(WebsocketDecoder, KnowsWhichCloseCodesAPeerMaySend) {
  for (const unsigned code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
                              1014, 3000, 3999, 4000, 4999}) {
    EXPECT_EQ(decoded(client_frame(kClose, close_payload(code))),
              "close(" + std::to_string(code) + " )");
  }
  for (const unsigned code :
       {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    EXPECT_EQ(decoded(client_frame(kClose, close_payload(code))), "fail(1002)") << code;
  }
}

TEST(WebsocketDecoder, IsIdleBetweenMessagesOnly) {
  const std::string bytes = client_fragment(kText, "a", false) + client_frame(kPing, "p") +
                            client_frame(kContinuation, "b");
  Transcript transcript;
  EXPECT_TRUE(transcript.idle());
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    transcript.feed(std::string_view(bytes).substr(i, 1));
    EXPECT_FALSE(transcript.idle()) << i;
  }
  transcript.feed(std::string_view(bytes).substr(bytes.size() - 1));
  EXPECT_TRUE(transcript.idle());
}

TEST(WebsocketDecoder, AFaultStaysUntilReset) {
  WebsocketDecoder decoder(kMessageBytesMax);
  EXPECT_EQ(decoder.decode("\xff").state, State::kFailed);
  const auto progress = decoder.decode("\x81");
  EXPECT_EQ(progress.state, State::kFailed);
  EXPECT_EQ(progress.consumed, 0u);
  decoder.reset();
  EXPECT_TRUE(decoder.idle());
  EXPECT_EQ(decoder.decode(client_frame(kText, "x")).state, State::kText);
}

TEST(WebsocketDecoder, ResetForgetsWhatHadBegun) {
  WebsocketDecoder decoder(kMessageBytesMax);
  const std::string begun = client_fragment(kText, "\xf0", false) + "\x89";
  EXPECT_EQ(decoder.decode(begun).state, State::kNeedMore);
  decoder.reset();
  EXPECT_EQ(decoder.decode(client_frame(kText, "x")).state, State::kText);
  EXPECT_EQ(decoder.payload(), "x");
}

}  // namespace
}  // namespace http
