// Which message goes where and when: arithmetic that every process can do for itself.
//
// Messages are counted from 0 over all channels. Message k belongs to channel k % channels and is
// the (k / channels)-th of it; it is due at start + k * interval. So a subscriber that knows a
// message's channel and number knows when it should have been sent, and no time need travel in
// its content. A channel stays on one publishing connection, which keeps its order.
#pragma once

#include <cmath>
#include <cstdint>

namespace load {

class Schedule {
 public:
  // interval_ns 0: no intended times (closed loop).
  Schedule(std::uint64_t channels, std::uint64_t connections, double interval_ns)
      : channels_(channels), connections_(connections), interval_ns_(interval_ns) {}

  static Schedule at_rate(std::uint64_t channels, std::uint64_t connections, double per_second) {
    return {channels, connections, per_second > 0 ? 1e9 / per_second : 0};
  }

  [[nodiscard]] std::uint64_t channels() const { return channels_; }
  [[nodiscard]] double interval_ns() const { return interval_ns_; }

  [[nodiscard]] std::uint64_t channel_of(std::uint64_t k) const { return k % channels_; }
  [[nodiscard]] std::uint64_t place_of(std::uint64_t k) const { return k / channels_; }
  [[nodiscard]] std::uint64_t index_of(std::uint64_t channel, std::uint64_t place) const {
    return place * channels_ + channel;
  }
  [[nodiscard]] std::uint64_t connection_of(std::uint64_t channel) const {
    return channel % connections_;
  }

  // Since the start. A double is exact to the nanosecond for a hundred days.
  [[nodiscard]] std::int64_t intended_ns(std::uint64_t k) const {
    return static_cast<std::int64_t>(static_cast<double>(k) * interval_ns_);
  }
  // How many messages are intended before `ns` since the start.
  [[nodiscard]] std::uint64_t intended_before(std::int64_t ns) const;

  // How many of `count` things that are dealt out in turn, the first `dealt` of them, fall to
  // `place`: messages to channels, subscribers to channels.
  static std::uint64_t share(std::uint64_t place, std::uint64_t count, std::uint64_t dealt) {
    return dealt > place ? (dealt - place - 1) / count + 1 : 0;
  }
  // How many of a channel's messages its connection has done when it has done `done` of its own.
  [[nodiscard]] std::uint64_t done_on(std::uint64_t channel, std::uint64_t done) const {
    const std::uint64_t connection = connection_of(channel);
    return share(channel / connections_, share(connection, connections_, channels_), done);
  }

 private:
  std::uint64_t channels_;
  std::uint64_t connections_;
  double interval_ns_;
};

}  // namespace load
