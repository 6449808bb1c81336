#include "http/websocket_frame.h"

#include <gtest/gtest.h>

#include <string>

namespace http {
namespace {

struct Row {
  Opcode opcode;
  std::size_t payload_size;
  std::string head;
};

TEST(WebSocketFrame, HeadsTakeTheShortestLength) {
  using namespace std::string_literals;
  const Row rows[] = {
      {Opcode::kText, 0, "\x81\x00"s},
      {Opcode::kText, 1, "\x81\x01"s},
      {Opcode::kText, 124, "\x81\x7c"s},
      {Opcode::kText, 125, "\x81\x7d"s},
      {Opcode::kText, 126, "\x81\x7e\x00\x7e"s},
      {Opcode::kBinary, 65'535, "\x82\x7e\xff\xff"s},
      {Opcode::kText, 65'536, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s},
      {Opcode::kClose, 2, "\x88\x02"s},
      {Opcode::kPing, 0, "\x89\x00"s},
      {Opcode::kPong, 5, "\x8a\x05"s},
  };
  for (const Row& row : rows) {
    std::string out = "before";
    append_frame_head(out, row.opcode, row.payload_size);
    EXPECT_EQ(out, "before" + row.head) << row.payload_size;
  }
}

TEST(WebSocketFrame, ThePayloadFollowsItsHead) {
  std::string out = "before";
  append_frame(out, Opcode::kPong, "hello");
  append_frame(out, Opcode::kText, "");
  EXPECT_EQ(out, std::string("before\x8a\x05hello\x81\x00", 15));
}

}  // namespace
}  // namespace http
