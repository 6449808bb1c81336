// What the Autobahn testsuite asks of WebSocket servers, by its numbers, over real sockets.
//
// That suite has servers echo; this one does not, so an unknown op stands for a text (its answer
// says which op it was), and a ping for a sign that the connection goes on.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/running_server.h"
#include "tests/support/websocket_client.h"

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

constexpr std::size_t kMessageBytesMax = 64 * 1024;

// A text with `name` that is so long, and what it is answered.
std::string op(std::string_view name, std::size_t size = 0) {
  std::string text = std::string(R"({"op":")").append(name).append(R"(","x":")");
  if (text.size() + 2 < size) text.append(size - text.size() - 2, '*');
  return text.append("\"}");
}
std::string answer(std::string_view name) {
  return std::string(R"(text({"type":"error","op":")")
      .append(name)
      .append(R"(","cname":"","reason":"unknown op"}))");
}
std::string text(std::string_view name, std::size_t size = 0) {
  return client_frame(kText, op(name, size));
}
const std::string kNotJson =
    R"(text({"type":"error","op":"","cname":"","reason":"the message is not a JSON object"}))";

const std::string kBye = client_frame(kClose, close_payload(1000));

struct Case {
  std::string_view number;
  std::string sent;
  std::string expected;  // frames in words, up to the end of the connection
};

class WebsocketConformance : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new support::RunningServer(support::loopback_config(1));
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

  // All that is answered to these bytes, sent in pieces of `step`, in words.
  static std::string answered(std::string_view sent, std::size_t step) {
    support::WebsocketClient client(server_->front_port(), "/ws");
    while (!sent.empty()) {
      // A server that has failed the connection may have closed it.
      if (!client.client().try_send(sent.substr(0, step), support::patience())) break;
      sent.remove_prefix(std::min(step, sent.size()));
    }
    return client.read_all();
  }

  // In one piece, in pieces of `step` bytes: the same.
  static void expect(const Case& each, std::size_t step) {
    SCOPED_TRACE(std::string(each.number).append(" in steps of ").append(std::to_string(step)));
    const std::string words = answered(each.sent, step);
    EXPECT_EQ(words.substr(0, 500), each.expected.substr(0, 500));
    EXPECT_EQ(words.size(), each.expected.size());
  }

  static void expect_all(const std::vector<Case>& cases) {
    for (const Case& each : cases) {
      expect(each, each.sent.size());
      if (each.sent.size() < 1000) expect(each, 1);
    }
  }

  static support::RunningServer* server_;
};
support::RunningServer* WebsocketConformance::server_ = nullptr;

// What is wrong is answered with this code, whatever the reason says.
class WebsocketViolations : public WebsocketConformance {
 protected:
  static void expect_failure(std::string_view number, std::string_view sent, int code,
                             std::string_view before = "") {
    SCOPED_TRACE(number);
    for (const std::size_t step : {sent.size(), std::size_t{1}}) {
      const std::string words = answered(sent, step);
      const std::string expected = std::string(before)
                                       .append(before.empty() ? "" : " ")
                                       .append("close(" + std::to_string(code) + " ");
      EXPECT_EQ(words.substr(0, expected.size()), expected);
      EXPECT_EQ(words.find(')', expected.size()), words.size() - 1) << words;
    }
  }
};

TEST_F(WebsocketConformance, Framing) {
  std::vector<Case> cases;
  // 1.1.1 to 1.1.7: texts of the lengths at which a head changes, and in pieces (1.1.8).
  cases.push_back({"1.1.1", client_frame(kText) + kBye, kNotJson + " close(1000)"});
  for (const std::size_t size : {125u, 126u, 127u, 128u, 65535u, 65536u}) {
    cases.push_back({"1.1.2", text("t", size) + kBye, answer("t") + " close(1000)"});
  }
  expect_all(cases);
  expect({"1.1.8", text("t", 65536) + kBye, answer("t") + " close(1000)"}, 997);
}

TEST_F(WebsocketViolations, BinaryIsRefusedWithACodeOfItsOwn) {
  // 1.2: valid, but nothing that this server takes.
  for (const std::size_t size : {0u, 125u, 126u, 127u, 300u}) {
    expect_failure("1.2", client_frame(kBinary, std::string(size, '\xfe')) + text("after"), 1003);
  }
  expect_failure("1.2 in fragments",
                 client_fragment(kBinary, "\xfe", false) + client_frame(kPing, "p") +
                     client_frame(kContinuation, "\xff"),
                 1003, "pong(p)");
}

TEST_F(WebsocketConformance, PingsAndPongs) {
  const std::string most(125, '\xfe');
  std::string ten;
  std::string ten_answers;
  for (int i = 0; i < 10; ++i) {
    ten.append(client_frame(kPing, "payload-" + std::to_string(i)));
    ten_answers.append("pong(payload-" + std::to_string(i) + ") ");
  }
  expect_all({
      {"2.1", client_frame(kPing) + kBye, "pong() close(1000)"},
      {"2.2", client_frame(kPing, "Hello, world!") + kBye, "pong(Hello, world!) close(1000)"},
      {"2.3", client_frame(kPing, "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"sv) + kBye,
       "pong(\x00\xff\xfe\xfd\xfc\xfb\x00\xff) close(1000)"s},
      {"2.4, 2.6", client_frame(kPing, most) + kBye, "pong(" + most + ") close(1000)"},
      {"2.7", client_frame(kPong) + kBye, "close(1000)"},
      {"2.8", client_frame(kPong, "unsolicited") + kBye, "close(1000)"},
      {"2.9", client_frame(kPong, "unsolicited") + client_frame(kPing, "ping") + kBye,
       "pong(ping) close(1000)"},
      {"2.10, 2.11", ten + kBye, ten_answers + "close(1000)"},
  });
}

TEST_F(WebsocketViolations, PingsThatAreTooLong) {
  expect_failure("2.5", client_frame(kPing, std::string(126, '\xfe')), 1002);
}

TEST_F(WebsocketViolations, ReservedBits) {
  for (std::uint8_t reserved = 1; reserved < 8; ++reserved) {
    const auto with = [reserved](std::uint8_t opcode, std::string_view payload) {
      return ClientFrame{.opcode = opcode, .payload = payload, .reserved = reserved}.bytes();
    };
    expect_failure("3.1", with(kText, "x"), 1002);
    expect_failure("3.2, 3.3", text("good") + with(kText, "x") + client_frame(kPing), 1002,
                   answer("good"));
    expect_failure("3.4", with(kPing, "x"), 1002);
    expect_failure("3.5", with(kBinary, "x"), 1002);
    expect_failure("3.6, 3.7", with(kClose, ""), 1002);
  }
}

TEST_F(WebsocketViolations, Opcodes) {
  constexpr std::uint8_t kUnknown[] = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15};
  for (const std::uint8_t opcode : kUnknown) {
    expect_failure("4.1.1, 4.2.1", client_frame(opcode), 1002);
    expect_failure("4.1.2, 4.2.2", client_frame(opcode, "payload"), 1002);
    expect_failure("4.1.3, 4.2.3", text("good") + client_frame(opcode) + client_frame(kPing), 1002,
                   answer("good"));
  }
}

TEST_F(WebsocketViolations, FramesThatAreNotMaskedOrLongerThanNeedBe) {
  expect_failure("5.1 of the RFC", ClientFrame{.payload = op("t"), .masked = false}.bytes(), 1002);
  expect_failure("5.2 of the RFC", "\x81\xfe\x00\x01\x01\x02\x03\x04x"sv, 1002);
  expect_failure("5.2 of the RFC", "\x81\xff\x00\x00\x00\x00\x00\x00\x00\x01\x01\x02\x03\x04x"sv,
                 1002);
  expect_failure("5.2 of the RFC", "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04x"sv,
                 1002);
}

TEST_F(WebsocketConformance, Fragmentation) {
  const std::string whole = op("fragments");
  const std::string_view first = std::string_view(whole).substr(0, 5);
  const std::string_view rest = std::string_view(whole).substr(5);
  const std::string begin = client_fragment(kText, first, false);
  const std::string end = client_frame(kContinuation, rest);
  const std::string ping = client_frame(kPing, "ping");
  std::string in_five;
  std::string in_five_with_pings;
  const std::string five = op("five", 50);
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string fragment = client_fragment(i == 0 ? kText : kContinuation,
                                                 std::string_view(five).substr(i * 10, 10), i == 4);
    in_five.append(fragment);
    in_five_with_pings.append(fragment).append(i < 4 ? ping : "");
  }
  expect_all({
      {"5.3, 5.4, 5.5", begin + end + kBye, answer("fragments") + " close(1000)"},
      {"5.6, 5.7, 5.8", begin + ping + end + kBye,
       "pong(ping) " + answer("fragments") + " close(1000)"},
      {"5.19 without pings", in_five + kBye, answer("five") + " close(1000)"},
      {"5.19, 5.20", in_five_with_pings + kBye,
       "pong(ping) pong(ping) pong(ping) pong(ping) " + answer("five") + " close(1000)"},
      {"empty fragments",
       client_fragment(kText, "", false) + client_fragment(kContinuation, "", false) +
           client_frame(kContinuation, whole) + kBye,
       answer("fragments") + " close(1000)"},
  });
}

TEST_F(WebsocketViolations, Fragmentation) {
  const std::string begin = client_fragment(kText, "fragment1", false);
  const std::string more = client_fragment(kContinuation, "fragment2", false);
  const std::string end = client_frame(kContinuation, "fragment3");
  expect_failure("5.1", client_fragment(kPing, "fragment1", false) + end, 1002);
  expect_failure("5.2", client_fragment(kPong, "fragment1", false) + end, 1002);
  expect_failure("5.9, 5.10, 5.11", end + text("t"), 1002);
  expect_failure("5.12, 5.13, 5.14", more + text("t"), 1002);
  expect_failure("5.15", begin + end + more + text("t"), 1002, kNotJson);
  expect_failure("5.16", more + text("t"), 1002);
  expect_failure("5.18", begin + text("t"), 1002);
  expect_failure("a close in fragments", client_fragment(kClose, "", false), 1002);
}

TEST_F(WebsocketConformance, ValidUtf8) {
  const std::vector<std::string_view> samples{
      "Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!",
      "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",                      // 6.2.2
      "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\xef\xbf\xbd\xef\xbf\xbe",          // 6.7, 6.9, 6.10, 6.11
      "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xdf\xbf\xe0\xa0\x80\xc2\x80",  // 6.5, 6.7, 6.9
  };
  for (const std::string_view sample : samples) {
    const std::string whole = client_frame(kText, sample);
    expect({"6.2.1", whole + kBye, kNotJson + " close(1000)"}, whole.size());
    // Each byte in a fragment of its own (6.2.3, 6.2.4).
    std::string bytes;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      bytes.append(client_fragment(i == 0 ? kText : kContinuation, sample.substr(i, 1),
                                   i + 1 == sample.size()));
    }
    expect({"6.2.3", bytes + kBye, kNotJson + " close(1000)"}, 7);
  }
  expect({"6.1.1 to 6.1.3",
          client_frame(kText) + client_fragment(kText, "", false) +
              client_fragment(kContinuation, "", false) + client_frame(kContinuation) + kBye,
          kNotJson + " " + kNotJson + " close(1000)"},
         100);
}

TEST_F(WebsocketViolations, InvalidUtf8) {
  const std::vector<std::string_view> samples{
      "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65\x64",  // 6.3.1
      "\xce",                                                              // 6.6: cut short
      "\xce\xba\xe1",
      "\xce\xba\xe1\xbd",
      "\xf8\x88\x80\x80\x80",  // 6.8: five and six bytes
      "\xfc\x84\x80\x80\x80\x80",
      "\xf7\xbf\xbf\xbf",
      "\xf4\x90\x80\x80",  // 6.10: beyond the last character
      "\x80",              // 6.12, 6.13: continuations alone
      "\xbf\x80",
      "\xc0\x20\xc1\x20",  // 6.14: leads alone
      "\xe0\x80",
      "\xfe\xfe\xff\xff",  // 6.15: impossible bytes
      "\xc0\xaf",          // 6.17 to 6.19: overlong forms
      "\xe0\x9f\xbf",
      "\xf0\x8f\xbf\xbf",
      "\xc1\xbf",
      "\xed\xa0\x80",  // 6.20, 6.21: surrogates
      "\xed\xaf\xbf\xed\xb0\x80",
  };
  for (const std::string_view sample : samples) {
    expect_failure("6.3", client_frame(kText, sample) + text("after"), 1007);
    expect_failure(
        "6.3.2",
        client_fragment(kText, "k", false) + client_frame(kContinuation, sample) + text("after"),
        1007);
  }
}

TEST_F(WebsocketConformance, TextThatCannotBecomeUtf8IsRefusedBeforeItsEnd) {
  // 6.4.1 to 6.4.4: neither the frame nor the message is complete when the connection fails.
  const std::string in_frame =
      ClientFrame{.payload = "\xce\xba\xe1\xbd\xb9\xcf\x83\xf4\x90 and more"}.bytes();
  for (const std::string& sent :
       {in_frame.substr(0, 6 + 9), client_fragment(kText, "\xce\xba\xf4", false) +
                                       client_fragment(kContinuation, "\x90", false)}) {
    support::WebsocketClient client(server_->front_port(), "/ws");
    client.send(sent);
    EXPECT_EQ(client.read_all(), "close(1007 text is not valid UTF-8)");
  }
}

TEST_F(WebsocketConformance, CloseHandshake) {
  const std::string most(123, '*');
  std::vector<Case> cases{
      {"7.1.1", text("t") + kBye, answer("t") + " close(1000)"},
      {"7.1.2", kBye + kBye, "close(1000)"},
      {"7.1.3", kBye + client_frame(kPing, "late"), "close(1000)"},
      {"7.1.4", kBye + text("late"), "close(1000)"},
      {"7.1.5", client_fragment(kText, "a", false) + kBye + client_frame(kContinuation, "b"),
       "close(1000)"},
      {"7.1.6", text("t", kMessageBytesMax) + kBye + client_frame(kPing),
       answer("t") + " close(1000)"},
      {"7.3.1", client_frame(kClose), "close()"},
      {"7.3.3", client_frame(kClose, close_payload(1000)), "close(1000)"},
      {"7.3.4", client_frame(kClose, close_payload(1000, "Hello World!")), "close(1000)"},
      {"7.3.5", client_frame(kClose, close_payload(1000, most)), "close(1000)"},
  };
  for (const unsigned code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
                              1014, 3000, 3999, 4000, 4999}) {
    cases.push_back(
        {"7.7", client_frame(kClose, close_payload(code)), "close(" + std::to_string(code) + ")"});
  }
  expect_all(cases);
}

TEST_F(WebsocketViolations, CloseFrames) {
  expect_failure("7.3.2", client_frame(kClose, "\x03"), 1002);
  expect_failure("7.3.6", client_frame(kClose, close_payload(1000, std::string(124, '*'))), 1002);
  expect_failure(
      "7.5.1", client_frame(kClose, close_payload(1000, "\xce\xba\xe1\xbd\xb9\xed\xa0\x80")), 1007);
  for (const unsigned code :
       {0u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 1100u, 2000u, 2999u, 5000u, 65535u}) {
    expect_failure("7.9, 7.13", client_frame(kClose, close_payload(code)), 1002);
  }
}

TEST_F(WebsocketConformance, MessagesUpToTheLimit) {
  for (const std::size_t size : {kMessageBytesMax - 1, kMessageBytesMax}) {
    // 9.1, 9.5: in one frame, in one piece and in many.
    expect({"9.1", text("t", size) + kBye, answer("t") + " close(1000)"}, size * 2);
    expect({"9.5", text("t", size) + kBye, answer("t") + " close(1000)"}, 2048);
    // 9.3: in frames of 64 to 4096 bytes.
    for (const std::size_t part : {64u, 1024u, 4096u}) {
      const std::string whole = op("t", size);
      std::string frames;
      for (std::size_t at = 0; at < whole.size(); at += part) {
        frames.append(client_fragment(at == 0 ? kText : kContinuation,
                                      std::string_view(whole).substr(at, part),
                                      at + part >= whole.size()));
      }
      expect({"9.3, 10.1.1", frames + kBye, answer("t") + " close(1000)"}, frames.size());
    }
  }
}

TEST_F(WebsocketConformance, MessagesBeyondTheLimit) {
  const std::string_view too_big = "close(1009 message too big)";
  const std::string whole = op("t", kMessageBytesMax + 1);
  expect({"9.1", client_frame(kText, whole), std::string(too_big)}, whole.size());
  // By its head alone.
  expect({"9.1", client_frame(kText, whole).substr(0, 14), std::string(too_big)}, 14);
  expect({"9.3",
          client_fragment(kText, std::string_view(whole).substr(0, kMessageBytesMax), false) +
              client_frame(kContinuation, "x"),
          std::string(too_big)},
         whole.size());
}

TEST_F(WebsocketConformance, ManyMessagesInOneWrite) {
  // 9.7, as far as a machine that tests many things at once allows.
  constexpr int kMessages = 2000;
  std::string sent;
  std::string expected;
  for (int i = 0; i < kMessages; ++i) {
    const std::string name = "n" + std::to_string(i);
    sent.append(text(name));
    expected.append(answer(name)).append(" ");
  }
  expect({"9.7", sent + kBye, expected + "close(1000)"}, sent.size() * 2);
}

}  // namespace
