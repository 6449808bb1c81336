// One hub over a wire in memory, and what its subscribers to channel a, or its watchers, got.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/hub_world.h"
#include "tests/support/transcript.h"

namespace support {

using Events = std::vector<Event>;

inline Event data(std::int64_t seq, std::string content) {
  return {"data", "a", seq, std::move(content)};
}
inline Event next_seq(std::int64_t seq) { return {"next_seq", "a", seq, ""}; }
inline Event noop(std::int64_t seq) { return {"noop", "a", seq, ""}; }
inline Event close(std::int64_t seq) { return {"close", "a", seq, ""}; }

inline std::string body_of(std::string_view received) {
  const std::size_t at = received.find("\r\n\r\n");
  return at == std::string_view::npos ? "" : std::string(received.substr(at + 4));
}

// The lines of a chunked response, each with its chunk's head taken off.
using Lines = std::vector<std::string>;
inline Lines lines_of(const MemorySession& session) {
  const Transcript transcript = read_endless(session.received, {comet::Transport::kPresence, true});
  EXPECT_EQ(transcript.error, "");
  Lines lines;
  for (const Event& event : transcript.events) lines.push_back(event.content);
  return lines;
}

class HubTest : public testing::Test {
 protected:
  HubTest() { use(hub_settings()); }
  ~HubTest() override { world().validate(); }

  Transcript stream(std::uint32_t session) {
    const Transcript transcript =
        read_endless(world().session(session).received, {comet::Transport::kStream, true});
    EXPECT_EQ(transcript.error, "");
    return transcript;
  }
  Events events(std::uint32_t session) { return stream(session).events; }
  Transcript poll(std::uint32_t session) {
    const Transcript transcript = read_poll(world().session(session).received);
    EXPECT_EQ(transcript.error, "");
    return transcript;
  }
  void publish(int from, int to) {
    for (int i = from; i <= to; ++i) world().publish("a", std::to_string(i));
  }
  MemorySession& session(std::uint32_t index) { return world().session(index); }
  // Starts anew with other settings.
  void use(const comet::HubSettings& settings) { owned_ = std::make_unique<HubWorld>(settings); }
  HubWorld& world() { return *owned_; }

 private:
  std::unique_ptr<HubWorld> owned_;
};

}  // namespace support
