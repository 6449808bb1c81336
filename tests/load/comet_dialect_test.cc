#include "bench/load/comet_dialect.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "bench/load/order.h"
#include "http/chunk.h"
#include "http/websocket_frame.h"
#include "tests/load/decoding.h"

namespace load {
namespace {

using testing_decoding::error_of;
using testing_decoding::expect_at_every_split;
using testing_decoding::Numbers;
using testing_decoding::Reader;

constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

Options options(Transport transport, std::string_view name) {
  Options options;
  options.transport = transport;
  options.transport_name = name;
  options.channel_prefix = "p-";
  options.content_bytes = 5;
  return options;
}

std::string object(std::string_view type, std::string_view name, std::uint64_t seq,
                   std::string_view content) {
  return "{\"type\":\"" + std::string(type) + "\",\"cname\":\"" + std::string(name) +
         "\",\"seq\":" + std::to_string(seq) + ",\"content\":\"" + std::string(content) + "\"}";
}
std::string data(std::uint64_t seq) { return object("data", "p-3", seq, "xxxxx"); }

std::string chunk(std::string_view text) {
  std::string out;
  http::append_chunk_head(out, text.size());
  return out.append(text).append(http::kChunkEnd);
}

std::string response(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

struct Endless {
  Transport transport;
  std::string name;
  std::string before;
  std::string after;
  std::string preamble;
};
const Endless kEndless[] = {
    {Transport::kStream, "stream", "", "\n", ""},
    {Transport::kSse, "sse", "id: 98\ndata: ", "\n\n", "retry: 2000\n\n"},
    {Transport::kIframe, "iframe", "<script>parent.icomet_cb(", ");</script>\n",
     "<!DOCTYPE html><html><body>\n"},
};

std::string bytes_of(const Endless& transport, const Numbers& numbers) {
  const auto framed = [&](const std::string& text) {
    return chunk(transport.before + text + transport.after);
  };
  std::string bytes(kHead);
  if (!transport.preamble.empty()) bytes += chunk(transport.preamble);
  bytes += framed(object("next_seq", "p-3", 98, ""));
  bytes += framed(object("noop", "p-3", 0, ""));
  for (const std::uint64_t number : numbers) bytes += framed(data(number));
  return bytes;
}

TEST(CometDialect, FindsMessagesOnEndlessTransportsAtEverySplit) {
  for (const Endless& transport : kEndless) {
    const CometStreams dialect(options(transport.transport, transport.name));
    expect_at_every_split(dialect, 3, bytes_of(transport, {98, 99, 100, 101}), {98, 99, 100, 101});
  }
}

std::string frame(std::string_view text) {
  std::string bytes;
  http::append_frame_head(bytes, http::Opcode::kText, text.size());
  return bytes.append(text);
}

TEST(CometDialect, FindsMessagesInFramesAtEverySplit) {
  const CometSockets dialect(options(Transport::kWs, "ws"));
  std::string request;
  dialect.append_subscribe(request, 3, 98);
  EXPECT_TRUE(request.starts_with("GET /ws?cname=p-3&seq=98 HTTP/1.1\r\n"));
  EXPECT_NE(request.find("\r\nUpgrade: websocket\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with("\r\n\r\n"));

  const std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
  const std::string ping("\x89\0", 2);
  const std::string bytes = head + frame(object("next_seq", "p-3", 98, "")) + frame(data(98)) +
                            ping + frame(data(99)) + frame(object("noop", "p-3", 0, ""));
  expect_at_every_split(dialect, 3, bytes, {98, 99});
  Reader reader(dialect, 3);
  reader.feed(bytes);
  EXPECT_TRUE(reader.pinged);

  EXPECT_NE(error_of(dialect, 3, head + frame(data(98) + "\n")), "");
  EXPECT_NE(error_of(dialect, 3, head + std::string("\x88\0", 2)), "");
  EXPECT_NE(error_of(dialect, 3, "HTTP/1.1 426 Upgrade Required\r\n\r\n"), "");
}

TEST(CometDialect, FaultsShowWhereverTheBytesAreSplit) {
  struct Case {
    Numbers numbers;
    std::uint64_t missing, repeated, late;
  };
  const Case cases[] = {
      {{98, 99, 101, 102}, 1, 0, 0},
      {{98, 99, 99, 100, 101, 102}, 0, 1, 0},
      {{98, 100, 99, 101, 102}, 0, 0, 1},
      {{98, 99, 100, 101}, 1, 0, 0},
  };
  const CometStreams dialect(options(Transport::kStream, "stream"));
  for (const Case& one : cases) {
    const std::string bytes = bytes_of(kEndless[0], one.numbers);
    for (std::size_t split = 0; split <= bytes.size(); ++split) {
      Reader reader(dialect, 3);
      reader.feed(std::string_view(bytes).substr(0, split));
      reader.feed(std::string_view(bytes).substr(split));
      OrderChecker order;
      std::uint64_t next = reader.next_seq;
      std::uint64_t repeated = 0;
      std::uint64_t late = 0;
      for (const std::uint64_t number : reader.numbers) {
        const Arrival arrival = order.arrived(0, next, number);
        repeated += arrival == Arrival::kRepeated ? 1 : 0;
        late += arrival == Arrival::kLate ? 1 : 0;
      }
      ASSERT_EQ(order.missing(0, next, 103), one.missing) << "split at " << split;
      ASSERT_EQ(repeated, one.repeated) << "split at " << split;
      ASSERT_EQ(late, one.late) << "split at " << split;
    }
  }
}

TEST(CometDialect, TellsTheNextNumber) {
  const CometStreams dialect(options(Transport::kStream, "stream"));
  Reader reader(dialect, 3);
  reader.feed(kHead);
  EXPECT_TRUE(reader.subscribed());
  EXPECT_EQ(reader.next_seq, 0u);
  reader.feed(chunk(object("next_seq", "p-3", 77, "") + "\n"));
  EXPECT_EQ(reader.next_seq, 77u);
}

TEST(CometDialect, WhatIsNotWhatWasPublishedIsAnError) {
  const CometStreams dialect(options(Transport::kStream, "stream"));
  const std::string head(kHead);
  EXPECT_EQ(error_of(dialect, 3, head + chunk(data(1) + "\n")), "");
  EXPECT_NE(error_of(dialect, 4, head + chunk(data(1) + "\n")), "") << "another channel";
  EXPECT_NE(error_of(dialect, 3, head + chunk(data(1))), "") << "its end is missing";
  EXPECT_NE(error_of(dialect, 3, head + chunk(data(1) + "\nx")), "") << "something behind it";
  for (const std::string_view content : {"xxxx", "xxxxxx", "xxxxy", ""}) {
    const std::string bytes = head + chunk(object("data", "p-3", 1, content) + "\n");
    EXPECT_NE(error_of(dialect, 3, bytes), "") << content;
  }
  EXPECT_NE(error_of(dialect, 3, head + "5\r\nhello\r\n"), "");
  EXPECT_NE(error_of(dialect, 3, head + "xyz"), "") << "no chunk";
  EXPECT_NE(error_of(dialect, 3, head + "3\r\nabcde"), "") << "a chunk without its end";
  EXPECT_NE(error_of(dialect, 3, head + "0\r\n\r\n"), "") << "the last chunk";
}

TEST(CometDialect, RefusalsAreErrors) {
  const CometStreams dialect(options(Transport::kStream, "stream"));
  const std::string head(kHead);
  EXPECT_NE(error_of(dialect, 3, "HTTP/1.1 404 Not Found\r\n\r\n"), "");
  EXPECT_NE(error_of(dialect, 3, "SSH-2.0-OpenSSH\r\n\r\n"), "");
  for (const std::string_view type : {"401", "429", "close", "broadcast"}) {
    EXPECT_NE(error_of(dialect, 3, head + chunk(object(type, "p-3", 1, "xxxxx") + "\n")), "")
        << type;
  }
}

TEST(CometDialect, FindsMessagesInPollsAtEverySplit) {
  const CometPolls dialect(options(Transport::kPoll, "poll"));
  const struct {
    std::string body;
    Numbers numbers;
  } cases[] = {
      {"icomet_cb(" + data(7) + ");\n", {7}},
      {"icomet_cb([" + data(7) + "]);\n", {7}},
      {"icomet_cb([" + data(7) + "," + data(8) + "," + data(9) + "]);\n", {7, 8, 9}},
      {data(7) + "\n", {7}},
      {"[" + data(7) + "," + data(8) + "]\n", {7, 8}},
      {"icomet_cb(" + object("noop", "p-3", 0, "") + ");\n", {}},
  };
  for (const auto& one : cases) {
    expect_at_every_split(dialect, 3, response(one.body), one.numbers);
  }
}

TEST(CometDialect, APollIsAskedAgainWhenItsResponseIsWhole) {
  const CometPolls dialect(options(Transport::kPoll, "poll"));
  const std::string bytes = response("icomet_cb(" + object("next_seq", "p-3", 5, "") + ");\n");
  Reader reader(dialect, 3);
  reader.feed(std::string_view(bytes).substr(0, bytes.size() - 1));
  EXPECT_EQ(reader.responses, 0);
  reader.feed(std::string_view(bytes).substr(bytes.size() - 1));
  EXPECT_EQ(reader.responses, 1);
  EXPECT_EQ(reader.next_seq, 5u);
  reader.feed(response("icomet_cb(" + data(5) + ");\n"));
  EXPECT_EQ(reader.responses, 2);
  EXPECT_EQ(reader.numbers, Numbers{5});
}

TEST(CometDialect, APollWithoutAMessageOrALengthIsAnError) {
  const CometPolls dialect(options(Transport::kPoll, "poll"));
  EXPECT_NE(error_of(dialect, 3, response("icomet_cb([]);\n")), "");
  EXPECT_NE(error_of(dialect, 3, response("")), "");
  EXPECT_NE(error_of(dialect, 3, "HTTP/1.1 200 OK\r\n\r\nicomet_cb();\n"), "");
  EXPECT_NE(error_of(dialect, 3, response(object("data", "p-4", 1, "xxxxx"))), "");
}

TEST(CometDialect, AsksAndPublishes) {
  const CometStreams dialect(options(Transport::kSse, "sse"));
  std::string out;
  dialect.append_subscribe(out, 3, 12);
  EXPECT_EQ(out, "GET /sse?cname=p-3&seq=12 HTTP/1.1\r\nHost: load\r\n\r\n");
  out.clear();
  dialect.append_publish(out, 4, 1);
  EXPECT_EQ(out, "GET /push?cname=p-4&content=xxxxx HTTP/1.1\r\nHost: load\r\n\r\n");
  out.clear();
  dialect.append_publish(out, kBackgroundChannel, 1);
  EXPECT_EQ(out.substr(0, 28), "GET /push?cname=p-background");
}

TEST(CometDialect, PublishesWhatIsLongInABody) {
  Options long_content = options(Transport::kStream, "stream");
  long_content.content_bytes = 5'000;
  std::string out;
  CometStreams(long_content).append_publish(out, 0, 1);
  EXPECT_EQ(out,
            "POST /push?cname=p-0 HTTP/1.1\r\nHost: load\r\nContent-Type: text/plain\r\n"
            "Content-Length: 5000\r\n\r\n" +
                std::string(5'000, 'x'));
}

TEST(CometDialect, CountsAnswersAtEverySplit) {
  const CometStreams dialect(options(Transport::kStream, "stream"));
  const std::string bytes = response("{\"type\":\"ok\"}\n") + response("") + response("ok");
  for (std::size_t split = 0; split <= bytes.size(); ++split) {
    const auto first = dialect.read_answers(std::string_view(bytes).substr(0, split));
    const auto second = dialect.read_answers(std::string_view(bytes).substr(first.bytes));
    ASSERT_EQ(first.count + second.count, 3u) << "split at " << split;
    ASSERT_EQ(first.bytes + second.bytes, bytes.size()) << "split at " << split;
    ASSERT_EQ(first.error + second.error, "");
  }
}

TEST(CometDialect, ARefusedPublishIsAnError) {
  const CometStreams dialect(options(Transport::kStream, "stream"));
  const auto answers = dialect.read_answers(
      response("ok") + "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(answers.count, 1u);
  EXPECT_NE(answers.error.find("503"), std::string::npos);
}

TEST(CometDialect, TheFloorHasOneNameAndTellsNoNumber) {
  Options floor = options(Transport::kSse, "sse");
  floor.server = Server::kFloor;
  const FloorStreams dialect(floor);
  EXPECT_EQ(dialect.numbering(), Numbering::kHeard);
  const std::string message =
      "{\"type\":\"data\",\"cname\":\"c0\",\"seq\":0000000041,\"content\":\"xxxxx\"}\n";
  expect_at_every_split(dialect, 0, std::string(kHead) + chunk(message), {41});
}

}  // namespace
}  // namespace load
