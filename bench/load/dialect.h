// How one kind of server is spoken to: requests as bytes, and what the answers' bytes mean.
//
// Immutable and shared by all connections of a process. No system call and no clock. A decoder gets
// bytes that begin at a frame's start, takes all frames that are whole, and says how many bytes
// they were; what remains is given to it again with more behind it. So a message may be split
// anywhere, and a connection needs no state but `Stream`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/options.h"

namespace load {

// A channel's number in its name; the background channel's name ends otherwise.
using Channel = std::uint32_t;
inline constexpr Channel kBackgroundChannel = UINT32_MAX;

std::string channel_name(const std::string& prefix, Channel channel);

// Where one subscriber's connection is in what it reads.
struct Stream {
  Channel channel = 0;
  bool head_seen = false;
  bool subscribed = false;  // the server has said that the subscriber is in place
};

// What the bytes of one receive said.
struct Arrived {
  std::vector<std::uint64_t> numbers;     // of messages, in the order of their coming
  std::optional<std::uint64_t> next_seq;  // which number the server told to wait for
  bool response_ended = false;            // the server waits to be asked again (polls)
  bool pinged = false;                    // it wants pong()
  std::string error;                      // it refused, or is not understood

  void clear() {
    numbers.clear();
    next_seq.reset();
    response_ended = pinged = false;
    error.clear();
  }
};

// Who gives a channel's messages their numbers, and how a subscriber gets to know the first.
enum class Numbering : std::uint8_t {
  kTold,    // the server does and tells newcomers
  kHeard,   // the server does; the first message tells
  kCarried  // the publisher does, in the content, from 1
};

class Dialect {
 public:
  virtual ~Dialect() = default;

  [[nodiscard]] virtual Numbering numbering() const = 0;

  // What a subscriber sends, once or (polls) for every response. `next` is the number it waits for,
  // 0 if it does not know.
  virtual void append_subscribe(std::string& out, Channel channel, std::uint64_t next) const = 0;
  virtual std::size_t decode(std::string_view bytes, Stream& stream, Arrived& arrived) const = 0;
  [[nodiscard]] virtual std::string_view pong() const { return {}; }

  // What a publisher sends: a greeting, messages, and something after messages that leave together.
  [[nodiscard]] virtual std::string_view greeting() const { return {}; }
  virtual void append_publish(std::string& out, Channel channel, std::uint64_t number) const = 0;
  [[nodiscard]] virtual std::string_view batch_end() const { return {}; }
  // Whether it is batches that are answered, and not messages.
  [[nodiscard]] virtual bool answers_batches() const { return false; }

  struct Answers {
    std::size_t bytes = 0;  // taken
    std::size_t count = 0;
    bool pinged = false;
    std::string error;
  };
  [[nodiscard]] virtual Answers read_answers(std::string_view bytes) const = 0;
};

std::unique_ptr<const Dialect> make_dialect(const Options& options);

}  // namespace load
