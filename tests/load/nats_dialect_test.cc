#include "bench/load/nats_dialect.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/load/decoding.h"

namespace load {
namespace {

using testing_decoding::error_of;
using testing_decoding::expect_at_every_split;
using testing_decoding::Reader;

Options options() {
  Options options;
  options.server = Server::kNats;
  options.channel_prefix = "p-";
  options.content_bytes = 25;
  return options;
}

TEST(NatsDialect, Publishes) {
  const Nats dialect(options());
  std::string out;
  dialect.append_publish(out, 3, 41);
  EXPECT_EQ(out, "PUB p-3 25\r\n0000000003/0000000041/xxx\r\n");
}

TEST(NatsDialect, SubscribesAndAsksWhetherThatWasRead) {
  const Nats dialect(options());
  std::string out;
  dialect.append_subscribe(out, 3, 1);
  EXPECT_TRUE(out.starts_with("CONNECT {"));
  EXPECT_TRUE(out.ends_with("}\r\nSUB p-3 1\r\nPING\r\n"));
}

TEST(NatsDialect, FindsMessagesAtEverySplit) {
  expect_at_every_split(Nats(options()), 3,
                        "INFO {\"version\":\"2\"}\r\nPONG\r\n"
                        "MSG p-3 1 25\r\n0000000003/0000000041/xxx\r\n"
                        "PING\r\n"
                        "MSG p-3 1 25\r\n0000000003/0000000042/xxx\r\n",
                        {41, 42});
}

TEST(NatsDialect, APingWantsAPong) {
  const Nats dialect(options());
  Reader reader(dialect, 3);
  reader.feed("PING\r\n");
  EXPECT_TRUE(reader.pinged);
  EXPECT_FALSE(reader.subscribed());
  EXPECT_EQ(dialect.pong(), "PONG\r\n");
}

TEST(NatsDialect, WhatIsNotWhatWasPublishedIsAnError) {
  const Nats dialect(options());
  EXPECT_NE(error_of(dialect, 4, "MSG p-3 1 25\r\n0000000003/0000000041/xxx\r\n"), "");
  EXPECT_NE(error_of(dialect, 3, "MSG p-3 1 25\r\n0000000003/0000000041/xxy\r\n"), "");
  EXPECT_NE(error_of(dialect, 3, "MSG p-3 1 26\r\n0000000003/0000000041/xxxx\r\n"), "");
  EXPECT_NE(error_of(dialect, 3, "MSG p-3 1 25\r\n000000000a/0000000041/xxx\r\n"), "");
  EXPECT_NE(error_of(dialect, 3, "-ERR 'Slow Consumer'\r\n"), "");
}

TEST(NatsDialect, CountsBatchesByTheirPongs) {
  const Nats dialect(options());
  const auto answers = dialect.read_answers("INFO {}\r\nPONG\r\nPING\r\nPONG\r\nPO");
  EXPECT_EQ(answers.count, 2u);
  EXPECT_EQ(answers.bytes, 27u);
  EXPECT_TRUE(answers.pinged);
  EXPECT_NE(dialect.read_answers("-ERR 'no'\r\n").error, "");
}

}  // namespace
}  // namespace load
