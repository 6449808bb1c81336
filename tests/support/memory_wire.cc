#include "tests/support/memory_wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace support {

std::uint32_t MemoryWire::open(std::size_t room) {
  MemorySession session;
  session.room = room;
  session.listening = true;
  sessions_.push_back(std::move(session));
  return static_cast<std::uint32_t>(sessions_.size() - 1);
}

void MemoryWire::reopen(std::uint32_t index) {
  MemorySession& session = sessions_.at(index);
  EXPECT_EQ(session.ended, comet::Ending::kComplete);
  session.ended.reset();
  session.received.clear();
  session.sends.clear();
  session.counted = false;
  session.listening = true;
}

bool MemoryWire::grant(std::uint32_t index, std::size_t bytes) {
  MemorySession& session = sessions_.at(index);
  session.room = bytes > kEverything - session.room ? kEverything : session.room + bytes;
  session.kept.erase(0, place(index, session.kept));
  return session.kept.empty() && session.subscriber != reactor::kNoIndex;
}

std::size_t MemoryWire::place(std::uint32_t index, std::string_view bytes) {
  MemorySession& session = sessions_[index];
  const std::size_t taken = std::min({session.room, session.lives, bytes.size()});
  session.received.append(bytes.substr(0, taken));
  if (session.room != kEverything) session.room -= taken;
  if (session.lives != kEverything) session.lives -= taken;
  if (session.lives == 0) session.gone = true;
  if (taken > 0 && on_received) on_received(index);
  return taken;
}

comet::Sent MemoryWire::send(std::uint32_t index, std::string_view bytes) {
  MemorySession& session = sessions_.at(index);
  EXPECT_TRUE(session.listening) << "send() to a session without a subscriber";
  EXPECT_FALSE(bytes.empty()) << "send() of nothing";
  if (session.gone) return {comet::SendStatus::kClosed, 0};
  if (!session.kept.empty()) return {comet::SendStatus::kWouldBlock, 0};
  const std::size_t taken = place(index, bytes);
  if (taken == 0) return {comet::SendStatus::kWouldBlock, 0};
  session.sends.push_back(taken);
  comet::Sent sent{comet::SendStatus::kOk, taken};
  if (distort_sent) distort_sent(sent, bytes.size());
  return sent;
}

comet::Written MemoryWire::write(std::uint32_t index, std::string_view bytes) {
  MemorySession& session = sessions_.at(index);
  EXPECT_TRUE(session.listening) << "write() to a session without a subscriber";
  if (session.gone) return comet::Written::kGone;
  const std::size_t taken = session.kept.empty() ? place(index, bytes) : 0;
  session.kept.append(bytes.substr(taken));
  session.sends.push_back(taken);
  return session.kept.empty() ? comet::Written::kAll : comet::Written::kKept;
}

bool MemoryWire::count_end(std::uint32_t index) {
  MemorySession& session = sessions_.at(index);
  EXPECT_TRUE(session.listening) << "count_end() of a session without a subscriber";
  return !std::exchange(session.counted, true);
}

void MemoryWire::ended(std::uint32_t index, comet::Ending ending) {
  MemorySession& session = sessions_.at(index);
  EXPECT_TRUE(session.listening) << "ended() of a session without a subscriber";
  session.listening = false;
  session.subscriber = reactor::kNoIndex;
  session.ended = ending;
  if (on_ended) on_ended(index);
}

void MemoryWire::answer(const comet::Answer& answer) {
  answers.push_back(answer);
  if (on_answer) on_answer(answer);
}

void MemoryWire::surveyed(comet::Ref, std::vector<comet::Finding>&& found) {
  findings = std::move(found);
}

void MemoryWire::add_to(comet::CoreReport& report) const { report.connections = sessions_.size(); }

void MemoryWire::post(std::size_t core, comet::HubMessage&& message) {
  if (on_post) {
    on_post(core, std::move(message));
  } else {
    ADD_FAILURE() << "post() to core " << core << ", where nobody is";
  }
}

std::size_t MemoryWire::backlog(std::size_t core) const {
  return on_backlog ? on_backlog(core) : backlog_of_every_core;
}

}  // namespace support
