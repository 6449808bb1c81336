// How the simulation reads responses: cut anywhere, and strictly.
#include "tests/support/transcript.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

namespace support {
namespace {

constexpr comet::Framing kChunked{comet::Transport::kStream, true};
const std::string kHead = "HTTP/1.1 200 OK\r\n\r\n";
const std::string kDocument = R"({"type":"data","cname":"a","seq":1,"content":"\""})"
                              "\n";

std::string chunk(const std::string& bytes) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + bytes + "\r\n";
}

TEST(EndlessReader, UnderstandsAStreamCutAtAnyByte) {
  const std::string bytes = kHead + chunk(kDocument) + chunk(kDocument) + "0\r\n\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    EndlessReader reader(kChunked);
    std::vector<Event> events;
    reader.read(std::string_view(bytes).substr(0, cut), events);
    reader.read(std::string_view(bytes).substr(cut), events);
    EXPECT_EQ(reader.error(), "") << cut;
    EXPECT_EQ(reader.head(), kHead) << cut;
    EXPECT_TRUE(reader.last_chunk()) << cut;
    EXPECT_EQ(reader.tail(), "") << cut;
    EXPECT_EQ(events, (std::vector<Event>(2, Event{"data", "a", 1, "\\\""}))) << cut;
  }
}

TEST(EndlessReader, TwoMessagesInAChunkAreAnError) {
  EXPECT_EQ(read_endless(kHead + chunk(kDocument + kDocument), kChunked).error,
            "two messages in a chunk");
}

TEST(EndlessReader, HalfAMessageInAChunkIsAnError) {
  EXPECT_EQ(read_endless(kHead + chunk(kDocument.substr(0, 9)), kChunked).error,
            "not one message in a chunk");
}

TEST(EndlessReader, NothingMayFollowTheLastChunk) {
  EXPECT_EQ(read_endless(kHead + "0\r\n\r\n" + chunk(kDocument), kChunked).error,
            "bytes behind the last chunk");
}

TEST(EndlessReader, LinesOfPresenceAreEvents) {
  const Transcript transcript =
      read_endless(kHead + chunk("1 a\n"), {comet::Transport::kPresence, true});
  EXPECT_EQ(transcript.error, "");
  EXPECT_EQ(transcript.events, (std::vector<Event>{{"line", "", 0, "1 a"}}));
}

TEST(EndlessReader, ThePreambleOfAnIframeComesFirst) {
  const comet::Framing iframe{comet::Transport::kIframe, true};
  const std::string preamble(comet::row_of(iframe.transport).preamble);
  EXPECT_EQ(read_endless(kHead + chunk(preamble), iframe).error, "");
  EXPECT_EQ(read_endless(kHead + chunk(kDocument), iframe).error, "not the preamble");
}

}  // namespace
}  // namespace support
