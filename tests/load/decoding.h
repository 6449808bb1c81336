// Feeds a dialect bytes as a connection would: whole, in two parts, or byte by byte, with what is
// left of one part in front of the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "bench/load/dialect.h"

namespace load::testing_decoding {

class Reader {
 public:
  Reader(const Dialect& dialect, Channel channel) : dialect_(dialect) { stream_.channel = channel; }

  void feed(std::string_view part) {
    rest_ += part;
    Arrived arrived;
    const std::size_t taken = dialect_.decode(rest_, stream_, arrived);
    rest_.erase(0, taken);
    numbers.insert(numbers.end(), arrived.numbers.begin(), arrived.numbers.end());
    if (arrived.next_seq) next_seq = *arrived.next_seq;
    pinged = pinged || arrived.pinged;
    responses += arrived.response_ended ? 1 : 0;
    if (error.empty()) error = arrived.error;
  }

  [[nodiscard]] bool subscribed() const { return stream_.subscribed; }
  [[nodiscard]] const std::string& rest() const { return rest_; }

  std::vector<std::uint64_t> numbers;
  std::uint64_t next_seq = 0;
  bool pinged = false;
  int responses = 0;
  std::string error;

 private:
  const Dialect& dialect_;
  Stream stream_;
  std::string rest_;
};

using Numbers = std::vector<std::uint64_t>;

// All numbers, wherever the bytes are split.
inline void expect_at_every_split(const Dialect& dialect, Channel channel, std::string_view bytes,
                                  const Numbers& wanted) {
  for (std::size_t split = 0; split <= bytes.size(); ++split) {
    Reader reader(dialect, channel);
    reader.feed(bytes.substr(0, split));
    reader.feed(bytes.substr(split));
    ASSERT_EQ(reader.error, "") << "split at " << split;
    ASSERT_EQ(reader.numbers, wanted) << "split at " << split;
    ASSERT_TRUE(reader.subscribed()) << "split at " << split;
    ASSERT_EQ(reader.rest(), "") << "split at " << split;
  }
  Reader reader(dialect, channel);
  for (const char byte : bytes) reader.feed({&byte, 1});
  EXPECT_EQ(reader.error, "");
  EXPECT_EQ(reader.numbers, wanted);
}

inline std::string error_of(const Dialect& dialect, Channel channel, std::string_view bytes) {
  Reader reader(dialect, channel);
  reader.feed(bytes);
  return reader.error;
}

}  // namespace load::testing_decoding
