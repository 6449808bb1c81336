#include "reactor/connection.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "tests/reactor/loopback.h"

namespace reactor {
namespace {

using namespace testing_loopback;

using Status = IoResult::Status;

// Bytes that tell their place, so that a repeat, a gap or a wrong order shows.
std::string numbered_bytes(std::size_t count, std::size_t from = 0) {
  std::string bytes(count, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = from + i;
    bytes[i] = static_cast<char>((at * 131 + at / 251) & 0xff);
  }
  return bytes;
}

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() : pair_(connected_pair(4096)), connection_(std::move(pair_.server)) {}

  // Writes blocks until the kernel takes no more; returns how much that was in all.
  std::size_t fill() {
    std::size_t written = 0;
    while (connection_.unsent() == 0 && written < (std::size_t{1} << 28)) {
      EXPECT_EQ(connection_.write(numbered_bytes(100'000, written)), Status::kOk);
      written += 100'000;
    }
    EXPECT_GT(connection_.unsent(), 0u);
    return written;
  }

  // Reads at the peer and flushes until all that was written is there, or nothing moves.
  std::string drain(std::size_t expected) {
    std::string read;
    std::array<char, 65536> buffer;
    while (read.size() < expected) {
      EXPECT_EQ(connection_.flush(), Status::kOk);
      if (!await(pair_.client.get(), POLLIN)) break;
      const IoResult got = receive(pair_.client.get(), buffer);
      if (got.status != Status::kOk) break;
      read.append(buffer.data(), got.bytes);
    }
    return read;
  }

  Pair pair_;
  Connection connection_;
};

TEST_F(ConnectionTest, ASmallWriteLeavesAtOnceAndKeepsNothing) {
  EXPECT_EQ(connection_.write("hello"), Status::kOk);
  EXPECT_EQ(connection_.unsent(), 0u);
  EXPECT_EQ(drain(5), "hello");
}

TEST_F(ConnectionTest, WritingNothingKeepsNothing) {
  EXPECT_EQ(connection_.write(""), Status::kOk);
  EXPECT_EQ(connection_.unsent(), 0u);
  EXPECT_EQ(connection_.flush(), Status::kOk);
}

TEST_F(ConnectionTest, FlushWithNothingKeptIsFine) {
  EXPECT_EQ(connection_.flush(), Status::kOk);
  EXPECT_EQ(connection_.unsent(), 0u);
}

TEST_F(ConnectionTest, WhatDoesNotFitIsKeptAndLeavesInOrder) {
  const std::size_t written = fill();
  const std::string read = drain(written);
  EXPECT_EQ(read.size(), written);
  EXPECT_EQ(connection_.unsent(), 0u);
  // fill() numbered its blocks through, so the whole is one numbered text.
  EXPECT_TRUE(read == numbered_bytes(written));
}

TEST_F(ConnectionTest, LaterWritesQueueBehindWhatIsKept) {
  std::size_t written = fill();
  for (int i = 0; i < 20; ++i) {
    const std::size_t before = connection_.unsent();
    ASSERT_EQ(connection_.write(numbered_bytes(777, written)), Status::kOk);
    written += 777;
    EXPECT_EQ(connection_.unsent(), before + 777);
  }
  EXPECT_TRUE(drain(written) == numbered_bytes(written));
  EXPECT_EQ(connection_.unsent(), 0u);
}

TEST_F(ConnectionTest, WritesBetweenPartialFlushesStayInOrder) {
  std::size_t written = fill();
  std::string read;
  std::array<char, 3000> buffer;
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(await(pair_.client.get(), POLLIN));
    const IoResult got = receive(pair_.client.get(), buffer);
    ASSERT_EQ(got.status, Status::kOk);
    read.append(buffer.data(), got.bytes);
    ASSERT_EQ(connection_.flush(), Status::kOk);
    ASSERT_EQ(connection_.write(numbered_bytes(2000, written)), Status::kOk);
    written += 2000;
  }
  read += drain(written - read.size());
  EXPECT_EQ(read.size(), written);
  EXPECT_TRUE(read == numbered_bytes(written));
}

TEST_F(ConnectionTest, FlushAgainstAFullPipeKeepsAll) {
  fill();
  // The peer does not read, but the kernel may still have moved some into its buffer.
  while (await(connection_.fd().get(), POLLOUT, 0) && connection_.unsent() > 0) {
    ASSERT_EQ(connection_.flush(), Status::kOk);
  }
  ASSERT_EQ(connection_.write(std::string(1 << 24, 'x')), Status::kOk);
  EXPECT_EQ(connection_.flush(), Status::kOk);
  const std::size_t kept = connection_.unsent();
  EXPECT_GT(kept, 0u);
  EXPECT_EQ(connection_.flush(), Status::kOk);
  EXPECT_LE(connection_.unsent(), kept);
}

TEST_F(ConnectionTest, AfterEverythingLeftItWritesDirectlyAgain) {
  const std::size_t written = fill();
  ASSERT_EQ(drain(written).size(), written);
  ASSERT_EQ(connection_.unsent(), 0u);
  EXPECT_EQ(connection_.send("again").status, Status::kOk);
  EXPECT_EQ(drain(5), "again");
}

TEST_F(ConnectionTest, SendKeepsNothing) {
  const std::string block(1 << 20, 'x');
  IoResult result{Status::kOk, 0};
  while (result.status == Status::kOk) result = connection_.send(block);
  EXPECT_EQ(result.status, Status::kWouldBlock);
  EXPECT_EQ(connection_.unsent(), 0u);
}

TEST_F(ConnectionTest, WritingToWhoLeftIsFalse) {
  reset_on_close(pair_.client);
  pair_.client.reset();
  ASSERT_TRUE(await(connection_.fd().get(), POLLIN));
  EXPECT_EQ(connection_.write("x"), Status::kClosed);
  EXPECT_EQ(connection_.unsent(), 0u);
}

TEST_F(ConnectionTest, FlushingToWhoLeftIsFalse) {
  fill();
  reset_on_close(pair_.client);
  pair_.client.reset();
  ASSERT_TRUE(await(connection_.fd().get(), POLLHUP));
  EXPECT_EQ(connection_.flush(), Status::kClosed);
}

TEST_F(ConnectionTest, ReceivesWhatThePeerSends) {
  EXPECT_EQ(send(pair_.client.get(), "hi").bytes, 2u);
  ASSERT_TRUE(await(connection_.fd().get(), POLLIN));
  std::array<char, 8> buffer;
  const IoResult got = connection_.receive(buffer);
  EXPECT_EQ(got.status, Status::kOk);
  EXPECT_EQ(std::string_view(buffer.data(), got.bytes), "hi");
}

TEST_F(ConnectionTest, ShutDownTellsThePeerTheEnd) {
  EXPECT_EQ(connection_.write("end"), Status::kOk);
  connection_.shut_down();
  EXPECT_EQ(drain(4), "end");
}

TEST_F(ConnectionTest, MovesWithWhatItKeeps) {
  const std::size_t written = fill();
  const std::size_t kept = connection_.unsent();
  Connection other(std::move(connection_));
  EXPECT_EQ(other.unsent(), kept);
  connection_ = std::move(other);
  EXPECT_TRUE(drain(written) == numbered_bytes(written));
}

}  // namespace
}  // namespace reactor
