// What a subscriber reads of a channel that a crash has torn.
#include "comet/salvage_rendering.h"

#include <gtest/gtest.h>

namespace comet {
namespace {

void append_run(Salvage& salvage, std::uint64_t first, Message::Type type,
                std::initializer_list<std::string_view> contents) {
  History run(first);
  for (const std::string_view content : contents) run.append(MessageRef::make(type, content));
  salvage.append(std::move(run));
}

TEST(SalvageRendering, AnEndlessResponseIsToldEachNumberBehindAGap) {
  Salvage salvage;
  append_run(salvage, 5, Message::Type::kData, {"a", "b"});
  append_run(salvage, 100, Message::Type::kBroadcast, {"c"});
  std::string out;
  append_salvage(out, {Transport::kStream, false}, "x", salvage, 300);
  EXPECT_EQ(out,
            "{\"type\":\"data\",\"cname\":\"x\",\"seq\":5,\"content\":\"a\"}\n"
            "{\"type\":\"data\",\"cname\":\"x\",\"seq\":6,\"content\":\"b\"}\n"
            "{\"type\":\"next_seq\",\"cname\":\"x\",\"seq\":100,\"content\":\"\"}\n"
            "{\"type\":\"broadcast\",\"cname\":\"x\",\"seq\":100,\"content\":\"c\"}\n"
            "{\"type\":\"next_seq\",\"cname\":\"x\",\"seq\":101,\"content\":\"\"}\n"
            "{\"type\":\"next_seq\",\"cname\":\"x\",\"seq\":300,\"content\":\"\"}\n");
}

TEST(SalvageRendering, EachOfThemIsAChunkOfItsOwn) {
  std::string out;
  append_salvage(out, {Transport::kSse, true}, "x", {}, 300);
  EXPECT_EQ(out,
            "46\r\nid: 299\ndata: "
            "{\"type\":\"next_seq\",\"cname\":\"x\",\"seq\":300,\"content\":\"\"}\n\n\r\n");
}

TEST(SalvageRendering, APollGetsAsFarAsTheFirstGap) {
  Salvage salvage;
  append_run(salvage, 5, Message::Type::kData, {"a"});
  append_run(salvage, 100, Message::Type::kData, {"b", "c"});
  std::string out;
  EXPECT_EQ(append_poll_salvage(out, {true, "cb"}, "x", salvage, 300), 1u);
  EXPECT_EQ(out,
            "cb([{\"type\":\"data\",\"cname\":\"x\",\"seq\":5,\"content\":\"a\"},"
            "{\"type\":\"next_seq\",\"cname\":\"x\",\"seq\":100,\"content\":\"\"}]);\n");
  out.clear();
  EXPECT_EQ(append_poll_salvage(out, {false, ""}, "x", salvage.copy_from(101), 300), 1u);
  EXPECT_EQ(out,
            "[{\"type\":\"data\",\"cname\":\"x\",\"seq\":101,\"content\":\"c\"},"
            "{\"type\":\"next_seq\",\"cname\":\"x\",\"seq\":300,\"content\":\"\"}]\n");
}

TEST(SalvageRendering, APollWithNothingBeforeTheGapGetsTheNumberBehindIt) {
  std::string out;
  EXPECT_EQ(append_poll_salvage(out, {true, "cb"}, "x", {}, 300), 0u);
  EXPECT_EQ(out, "cb({\"type\":\"next_seq\",\"cname\":\"x\",\"seq\":300,\"content\":\"\"});\n");
}

}  // namespace
}  // namespace comet
