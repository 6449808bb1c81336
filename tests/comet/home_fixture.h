// A home alone, in small limits, that writes down what it sends. Its channel is "a".
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "comet/home.h"

namespace comet::testing_home {

using Verb = Command::Verb;

class HomeTest : public testing::Test, private Outbox {
 protected:
  HomeTest() {
    settings_.cores = 3;
    settings_.max_channels = 2;
    settings_.max_subscribers_per_channel = 2;
    settings_.channel_buffer_size = 3;
    settings_.channel_timeout_ms = 60'000;
  }
  ~HomeTest() override { home_.validate(); }

  void join(std::size_t from, std::uint32_t subscriber, std::int64_t wanted = 0) {
    home_.join(from, request(subscriber, wanted));
  }
  // On a connection that has subscribed before.
  void join_again(std::uint32_t subscriber, std::int64_t wanted) {
    Join again = request(subscriber, wanted);
    again.returns = true;
    home_.join(0, std::move(again));
  }
  Answer command(Verb verb, std::string_view content = "x") {
    Command command;
    command.verb = verb;
    command.session = {5, 6};
    command.name = {"a", 99};
    command.message = MessageRef::make(Message::Type::kData, content);
    return home_.command(std::move(command));
  }
  // The latest message that was sent, as a T.
  template <class T>
  const T& latest() {
    return std::get<T>(sent_.back().second);
  }

  HubSettings settings_;
  ChannelCount count_{0};
  std::vector<std::pair<std::size_t, HubMessage>> sent_;
  bool congested_ = false;
  Home home_{settings_, count_, *this, 1000};

 private:
  static Join request(std::uint32_t subscriber, std::int64_t wanted) {
    Join join;
    join.audience = {7, 1};
    join.subscriber = {subscriber, 1};
    join.name = {"a", 99};
    join.wanted = wanted;
    join.replay_bytes_max = 1'000'000;
    return join;
  }
  void send(std::size_t core, HubMessage&& message) override {
    sent_.emplace_back(core, std::move(message));
  }
  [[nodiscard]] bool congested(std::size_t) const override { return congested_; }
};

}  // namespace comet::testing_home
