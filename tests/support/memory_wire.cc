#include "tests/support/memory_wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <ostream>
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
  session.listening = true;
}

bool MemoryWire::grant(std::uint32_t index, std::size_t bytes) {
  MemorySession& session = sessions_.at(index);
  session.room = bytes > kEverything - session.room ? kEverything : session.room + bytes;
  session.kept.erase(0, place(session, session.kept));
  return session.kept.empty() && session.subscriber != reactor::kNoIndex;
}

std::size_t MemoryWire::place(MemorySession& session, std::string_view bytes) {
  const std::size_t taken = std::min(session.room, bytes.size());
  session.received.append(bytes.substr(0, taken));
  if (session.room != kEverything) session.room -= taken;
  return taken;
}

comet::Sent MemoryWire::send(std::uint32_t index, std::string_view bytes) {
  MemorySession& session = sessions_.at(index);
  EXPECT_TRUE(session.listening) << "send() to a session without a subscriber";
  EXPECT_FALSE(bytes.empty()) << "send() of nothing";
  if (session.gone) return {comet::SendStatus::kClosed, 0};
  if (!session.kept.empty()) return {comet::SendStatus::kWouldBlock, 0};
  const std::size_t taken = place(session, bytes);
  if (taken == 0) return {comet::SendStatus::kWouldBlock, 0};
  session.sends.push_back(taken);
  return {comet::SendStatus::kOk, taken};
}

bool MemoryWire::write(std::uint32_t index, std::string_view bytes) {
  MemorySession& session = sessions_.at(index);
  EXPECT_TRUE(session.listening) << "write() to a session without a subscriber";
  if (session.gone) return false;
  const std::size_t taken = session.kept.empty() ? place(session, bytes) : 0;
  session.kept.append(bytes.substr(taken));
  session.sends.push_back(taken);
  return true;
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

void MemoryWire::post(std::size_t core, comet::HubMessage&& message) {
  if (on_post) {
    on_post(core, std::move(message));
  } else {
    ADD_FAILURE() << "post() to core " << core << ", where nobody is";
  }
}

std::size_t MemoryWire::backlog(std::size_t) const { return backlog_of_every_core; }

void PrintTo(const Event& event, std::ostream* out) {
  *out << event.type << ' ' << event.cname << ' ' << event.seq << " \"" << event.content << '"';
}

// --- Reading ----------------------------------------------------------------------------------

namespace {

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// What stands up to the next quote that is not escaped, the quote included.
bool take_string(std::string_view& text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      out = text.substr(0, i);
      text.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

template <class Number>
bool take_number(std::string_view& text, Number& out, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

std::string_view take_head(std::string_view& text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return {};
  const std::string_view head = text.substr(0, end + 4);
  text.remove_prefix(end + 4);
  return head;
}

}  // namespace

std::optional<Event> take_event(std::string_view& text) {
  std::string_view rest = text;
  Event event;
  const bool ok =
      take(rest, "{\"type\":\"") && take_string(rest, event.type) && take(rest, ",\"cname\":\"") &&
      take_string(rest, event.cname) && take(rest, ",\"seq\":") && take_number(rest, event.seq) &&
      take(rest, ",\"content\":\"") && take_string(rest, event.content) && take(rest, "}");
  if (!ok) return std::nullopt;
  text = rest;
  return event;
}

Transcript read_endless(std::string_view bytes, comet::Framing framing) {
  const comet::TransportRow& row = comet::row_of(framing.transport);
  Transcript transcript;
  std::string_view rest = bytes;
  transcript.head = take_head(rest);
  if (transcript.head.empty()) {
    transcript.tail = rest;
    return transcript;
  }
  bool preamble = !row.preamble.empty();
  while (!rest.empty()) {
    if (transcript.last_chunk) {
      transcript.error = "bytes behind the last chunk";
      return transcript;
    }
    const std::string_view frame = rest;
    std::string_view document = rest;
    if (framing.chunked) {
      std::size_t size = 0;
      if (rest.find("\r\n") == std::string_view::npos) break;
      if (!take_number(rest, size, 16) || !take(rest, "\r\n")) {
        transcript.error = "not the head of a chunk";
        return transcript;
      }
      if (rest.size() < size + 2) {
        rest = frame;
        break;
      }
      document = rest.substr(0, size);
      rest.remove_prefix(size);
      if (!take(rest, "\r\n")) {
        transcript.error = "a chunk without its end";
        return transcript;
      }
      if (size == 0) {
        transcript.last_chunk = true;
        continue;
      }
    }
    if (preamble) {
      preamble = false;
      if (!take(document, row.preamble)) {
        transcript.error = "not the preamble";
        return transcript;
      }
    } else {
      const bool opened = take(document, row.prefix);
      const std::optional<Event> event = take_event(document);
      if (!opened || !event || !take(document, row.suffix)) {
        if (!framing.chunked) break;  // perhaps incomplete
        transcript.error = "not one message in a chunk";
        return transcript;
      }
      transcript.events.push_back(*event);
      if (framing.chunked) {
        transcript.frame_ends.push_back(bytes.size() - rest.size());
      } else {
        transcript.frame_ends.push_back(bytes.size() - document.size());
      }
    }
    if (!framing.chunked) {
      rest = document;
    } else if (!document.empty()) {
      transcript.error = "two messages in a chunk";
      return transcript;
    }
  }
  transcript.tail = rest;
  return transcript;
}

Transcript read_poll(std::string_view bytes) {
  Transcript transcript;
  std::string_view rest = bytes;
  transcript.head = take_head(rest);
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t at = transcript.head.find(kLength);
  std::size_t length = 0;
  std::string_view field = at == std::string::npos
                               ? std::string_view()
                               : std::string_view(transcript.head).substr(at + kLength.size());
  if (!take_number(field, length) || length != rest.size()) {
    transcript.error = "not one whole response";
    return transcript;
  }
  const bool called = !rest.starts_with('[') && !rest.starts_with('{');
  if (called) {
    const std::size_t open = rest.find('(');
    if (open == std::string_view::npos) {
      transcript.error = "neither JSON nor a call";
      return transcript;
    }
    transcript.callback = rest.substr(0, open);
    rest.remove_prefix(open + 1);
  }
  transcript.array = take(rest, "[");
  do {
    const std::optional<Event> event = take_event(rest);
    if (!event) {
      transcript.error = "not a message";
      return transcript;
    }
    transcript.events.push_back(*event);
  } while (transcript.array && take(rest, ","));
  if (transcript.array && !take(rest, "]")) transcript.error = "an array without its end";
  if (rest != (called ? ");\n" : "\n")) transcript.error = "not the end of a poll";
  return transcript;
}

}  // namespace support
