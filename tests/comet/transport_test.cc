#include "comet/transport.h"

#include <gtest/gtest.h>

#include <string>

namespace comet {
namespace {

MessageRef data(std::string_view content) {
  return MessageRef::make(Message::Type::kData, content);
}
MessageRef broadcast(std::string_view content) {
  return MessageRef::make(Message::Type::kBroadcast, content);
}

std::string message_bytes(Framing framing, std::string_view name, std::uint64_t seq,
                          const MessageRef& message) {
  std::string out;
  append_message(out, framing, escaped_name(framing.transport, name), seq, *message);
  return out;
}

struct Golden {
  Framing framing;
  std::string_view data;       // a, 1, hello
  std::string_view broadcast;  // a, 2, hi
};

constexpr Golden kGolden[] = {
    {{Transport::kStream, true},
     "36\r\n{\"type\":\"data\",\"cname\":\"a\",\"seq\":1,\"content\":\"hello\"}\n\r\n",
     "38\r\n{\"type\":\"broadcast\",\"cname\":\"a\",\"seq\":2,\"content\":\"hi\"}\n\r\n"
     "35\r\n{\"type\":\"next_seq\",\"cname\":\"a\",\"seq\":3,\"content\":\"\"}\n\r\n"},
    {{Transport::kStream, false},
     "{\"type\":\"data\",\"cname\":\"a\",\"seq\":1,\"content\":\"hello\"}\n",
     "{\"type\":\"broadcast\",\"cname\":\"a\",\"seq\":2,\"content\":\"hi\"}\n"
     "{\"type\":\"next_seq\",\"cname\":\"a\",\"seq\":3,\"content\":\"\"}\n"},
    {{Transport::kSse, true},
     "43\r\nid: 1\ndata: "
     "{\"type\":\"data\",\"cname\":\"a\",\"seq\":1,\"content\":\"hello\"}\n\n\r\n",
     "45\r\nid: 2\ndata: "
     "{\"type\":\"broadcast\",\"cname\":\"a\",\"seq\":2,\"content\":\"hi\"}\n\n\r\n"
     "42\r\nid: 2\ndata: "
     "{\"type\":\"next_seq\",\"cname\":\"a\",\"seq\":3,\"content\":\"\"}\n\n\r\n"},
    {{Transport::kSse, false},
     "id: 1\ndata: {\"type\":\"data\",\"cname\":\"a\",\"seq\":1,\"content\":\"hello\"}\n\n",
     "id: 2\ndata: {\"type\":\"broadcast\",\"cname\":\"a\",\"seq\":2,\"content\":\"hi\"}\n\n"
     "id: 2\ndata: {\"type\":\"next_seq\",\"cname\":\"a\",\"seq\":3,\"content\":\"\"}\n\n"},
    {{Transport::kWebSocket, false},
     "\x81\x35{\"type\":\"data\",\"cname\":\"a\",\"seq\":1,\"content\":\"hello\"}",
     "\x81\x37{\"type\":\"broadcast\",\"cname\":\"a\",\"seq\":2,\"content\":\"hi\"}"
     "\x81\x34{\"type\":\"next_seq\",\"cname\":\"a\",\"seq\":3,\"content\":\"\"}"},
    {{Transport::kIframe, true},
     "5a\r\n<script>parent.icomet_cb({\"type\":\"data\",\"cname\":\"a\",\"seq\":1,"
     "\"content\":\"hello\"});</script>\n\r\n",
     "5c\r\n<script>parent.icomet_cb({\"type\":\"broadcast\",\"cname\":\"a\",\"seq\":2,"
     "\"content\":\"hi\"});</script>\n\r\n"
     "59\r\n<script>parent.icomet_cb({\"type\":\"next_seq\",\"cname\":\"a\",\"seq\":3,"
     "\"content\":\"\"});</script>\n\r\n"},
    {{Transport::kIframe, false},
     "<script>parent.icomet_cb({\"type\":\"data\",\"cname\":\"a\",\"seq\":1,"
     "\"content\":\"hello\"});</script>\n",
     "<script>parent.icomet_cb({\"type\":\"broadcast\",\"cname\":\"a\",\"seq\":2,"
     "\"content\":\"hi\"});</script>\n"
     "<script>parent.icomet_cb({\"type\":\"next_seq\",\"cname\":\"a\",\"seq\":3,"
     "\"content\":\"\"});</script>\n"},
    {{Transport::kPresence, true}, "5\r\nhello\r\n", "2\r\nhi\r\n"},
    {{Transport::kPresence, false}, "hello", "hi"},
};

TEST(Transport, AMessageIsOneChunkAndABroadcastTwo) {
  for (const Golden& golden : kGolden) {
    EXPECT_EQ(message_bytes(golden.framing, "a", 1, data("hello")), golden.data);
    EXPECT_EQ(message_bytes(golden.framing, "a", 2, broadcast("hi")), golden.broadcast);
  }
}

TEST(Transport, ControlsStandInTheSameFrames) {
  std::string out;
  append_control(out, {Transport::kStream, true}, "a", kCloseType, 7, {}, 6);
  EXPECT_EQ(out, "32\r\n{\"type\":\"close\",\"cname\":\"a\",\"seq\":7,\"content\":\"\"}\n\r\n");
  out.clear();
  append_control(out, {Transport::kSse, false}, "a", kNoopType, -3, {}, 41);
  EXPECT_EQ(out,
            "id: 41\ndata: {\"type\":\"noop\",\"cname\":\"a\",\"seq\":-3,\"content\":\"\"}\n\n");
  out.clear();
  append_control(out, {Transport::kStream, false}, "a", "401", 0, "Token error", {});
  EXPECT_EQ(out, "{\"type\":\"401\",\"cname\":\"a\",\"seq\":0,\"content\":\"Token error\"}\n");
}

TEST(Transport, TheSmallestAndTheLargestNumberFit) {
  for (const std::int64_t seq : {INT64_MIN, INT64_MAX}) {
    std::string out;
    append_control(out, {Transport::kStream, false}, "a", kNoopType, seq, {}, 1);
    EXPECT_EQ(out, "{\"type\":\"noop\",\"cname\":\"a\",\"seq\":" + std::to_string(seq) +
                       ",\"content\":\"\"}\n");
  }
}

TEST(Transport, ContentCannotEndTheScriptElement) {
  const MessageRef message = data("</script><b>");
  EXPECT_EQ(message_bytes({Transport::kIframe, true}, "a", 1, message),
            "62\r\n<script>parent.icomet_cb({\"type\":\"data\",\"cname\":\"a\",\"seq\":1,"
            "\"content\":\"<\\/script><b>\"});</script>\n\r\n");
  EXPECT_EQ(message_bytes({Transport::kStream, false}, "a", 1, message),
            "{\"type\":\"data\",\"cname\":\"a\",\"seq\":1,\"content\":\"</script><b>\"}\n");
}

TEST(Transport, NamesAreEscapedForJsonAndOnIframeForScript) {
  EXPECT_EQ(escaped_name(Transport::kStream, "a\"b\\</x"), "a\\\"b\\\\</x");
  EXPECT_EQ(escaped_name(Transport::kIframe, "a\"b\\</x"), "a\\\"b\\\\<\\/x");
  EXPECT_EQ(escaped_name(Transport::kIframe, "a/b<c"), "a/b<c");
  EXPECT_EQ(escaped_name(Transport::kPoll, "</x"), "</x");
}

TEST(Transport, NothingIsNoChunk) {
  std::string out;
  append_chunk(out, {Transport::kStream, true}, "");
  EXPECT_EQ(out, "");
  append_chunk(out, {Transport::kStream, true}, "0123456789abcdef");
  EXPECT_EQ(out, "10\r\n0123456789abcdef\r\n");
}

TEST(Transport, EachFramingHasAnIndexOfItsOwn) {
  std::vector<bool> seen(kFramings, false);
  for (std::size_t transport = 0; transport < kTransports; ++transport) {
    for (const bool chunked : {false, true}) {
      const Framing framing{static_cast<Transport>(transport), chunked};
      ASSERT_LT(framing.index(), kFramings);
      EXPECT_FALSE(seen[framing.index()]);
      seen[framing.index()] = true;
    }
  }
}

TEST(Transport, ContentTypesAreWhatClientsLookFor) {
  EXPECT_EQ(row_of(Transport::kStream).content_type, "application/json; charset=utf-8");
  EXPECT_EQ(row_of(Transport::kIframe).content_type, "text/html; charset=utf-8");
  EXPECT_EQ(row_of(Transport::kSse).content_type, "text/event-stream; charset=utf-8");
  EXPECT_EQ((PollWrap{true, "f"}.content_type()), "application/javascript; charset=utf-8");
  EXPECT_EQ((PollWrap{false, {}}.content_type()), "application/json; charset=utf-8");
}

std::string poll(const History& messages, std::uint64_t from, PollForm form, PollWrap wrap) {
  std::string out;
  append_poll_messages(out, wrap, "a", messages, from, form);
  return out;
}

TEST(Transport, ALivePollAnswerIsTheObjectAndAWaitingOneAnArray) {
  History messages(1);
  messages.append(data("x"));
  EXPECT_EQ(poll(messages, 1, PollForm::kLive, {true, "icomet_cb"}),
            "icomet_cb({\"type\":\"data\",\"cname\":\"a\",\"seq\":1,\"content\":\"x\"});\n");
  EXPECT_EQ(poll(messages, 1, PollForm::kWaiting, {true, "icomet_cb"}),
            "icomet_cb([{\"type\":\"data\",\"cname\":\"a\",\"seq\":1,\"content\":\"x\"}]);\n");
  EXPECT_EQ(poll(messages, 1, PollForm::kWaiting, {}),
            "[{\"type\":\"data\",\"cname\":\"a\",\"seq\":1,\"content\":\"x\"}]\n");
}

TEST(Transport, SeveralLiveMessagesAndBroadcastsAreArrays) {
  History messages(5);
  messages.append(data("x"));
  messages.append(broadcast("y"));
  EXPECT_EQ(poll(messages, 5, PollForm::kLive, {}),
            "[{\"type\":\"data\",\"cname\":\"a\",\"seq\":5,\"content\":\"x\"},"
            "{\"type\":\"broadcast\",\"cname\":\"a\",\"seq\":6,\"content\":\"y\"},"
            "{\"type\":\"next_seq\",\"cname\":\"a\",\"seq\":7,\"content\":\"\"}]\n");
  EXPECT_EQ(poll(messages, 6, PollForm::kLive, {true, "f"}),
            "f([{\"type\":\"broadcast\",\"cname\":\"a\",\"seq\":6,\"content\":\"y\"},"
            "{\"type\":\"next_seq\",\"cname\":\"a\",\"seq\":7,\"content\":\"\"}]);\n");
}

TEST(Transport, APollControlIsOneObject) {
  std::string out;
  append_poll_control(out, {true, "f"}, "a", kNextSeqType, 3, {});
  EXPECT_EQ(out, "f({\"type\":\"next_seq\",\"cname\":\"a\",\"seq\":3,\"content\":\"\"});\n");
}

TEST(Transport, OnlyAnEventSourceIsToldWhenToComeBack) {
  std::string out;
  append_retry(out, {Transport::kSse, true}, 1234);
  EXPECT_EQ(out, "d\r\nretry: 1234\n\n\r\n");
  out.clear();
  append_retry(out, {Transport::kSse, false}, 5);
  EXPECT_EQ(out, "retry: 5\n\n");
  out.clear();
  for (const Transport transport : {Transport::kStream, Transport::kIframe}) {
    append_retry(out, {transport, true}, 5);
    EXPECT_EQ(out, "");
  }
}

}  // namespace
}  // namespace comet
