#include "bench/load/nchan_dialect.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/load/decoding.h"

namespace load {
namespace {

using testing_decoding::error_of;
using testing_decoding::expect_at_every_split;
using testing_decoding::Reader;

const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

Options options() {
  Options options;
  options.server = Server::kNchan;
  options.channel_prefix = "p-";
  options.content_bytes = 25;
  return options;
}

TEST(NchanDialect, SubscribesAndPublishes) {
  const Nchan dialect(options());
  std::string out;
  dialect.append_subscribe(out, 3, 1);
  EXPECT_EQ(out, "GET /sub/p-3 HTTP/1.1\r\nHost: load\r\nAccept: text/event-stream\r\n\r\n");
  out.clear();
  dialect.append_publish(out, 3, 41);
  EXPECT_EQ(out,
            "POST /pub/p-3 HTTP/1.1\r\nHost: load\r\nContent-Length: 25\r\n\r\n"
            "0000000003/0000000041/xxx");
}

TEST(NchanDialect, FindsMessagesAtEverySplit) {
  expect_at_every_split(Nchan(options()), 3,
                        kHead +
                            ": hi\n\n"
                            "id: 1795528093:0\ndata: 0000000003/0000000041/xxx\n\n"
                            "id: 1795528093:1\ndata: 0000000003/0000000042/xxx\n\n",
                        {41, 42});
}

TEST(NchanDialect, IsSubscribedOnceGreeted) {
  const Nchan dialect(options());
  Reader reader(dialect, 3);
  reader.feed(kHead);
  EXPECT_FALSE(reader.subscribed());
  reader.feed(": hi\n\n");
  EXPECT_TRUE(reader.subscribed());
}

TEST(NchanDialect, WhatIsNotWhatWasPublishedIsAnError) {
  const Nchan dialect(options());
  EXPECT_NE(error_of(dialect, 4, kHead + "id: 1\ndata: 0000000003/0000000041/xxx\n\n"), "");
  EXPECT_NE(error_of(dialect, 3, kHead + "id: 1\ndata: 0000000003/0000000041/xx\n\n"), "");
  EXPECT_NE(error_of(dialect, 3, kHead + "id: 1\n\n"), "");
  EXPECT_NE(error_of(dialect, 3, "HTTP/1.1 403 Forbidden\r\n\r\n"), "");
}

TEST(NchanDialect, CountsAnswers) {
  const Nchan dialect(options());
  const auto answers = dialect.read_answers(
      "HTTP/1.1 201 Created\r\ncontent-length: 3\r\n\r\nabc"
      "HTTP/1.1 202 Accepted\r\nContent-Length:0\r\n\r\n");
  EXPECT_EQ(answers.count, 2u);
  EXPECT_EQ(answers.error, "");
}

}  // namespace
}  // namespace load
