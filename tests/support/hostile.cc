#include "tests/support/hostile.h"

#include <algorithm>
#include <charconv>
#include <thread>

namespace support {
namespace {

constexpr std::chrono::milliseconds kShortly{20};

// Of the first `"key": NUMBER` behind `from`, in a page of /info.
std::uint64_t number_in(const std::string& page, std::string_view from, std::string_view key) {
  const std::size_t start = page.find(from);
  const std::size_t found = start == std::string::npos ? start : page.find(key, start);
  if (found == std::string::npos) throw ClientError("/info says nothing of " + std::string(from));
  std::uint64_t number = 0;
  const char* digits = page.data() + found + key.size();
  std::from_chars(digits, page.data() + page.size(), number);
  return number;
}

}  // namespace

Crowd::Crowd(std::uint16_t port, std::size_t count) {
  clients_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) clients_.emplace_back(port);
}

void Crowd::say(std::string_view bytes) {
  for (Client& client : clients_) client.try_send(bytes, kShortly);
}

void Crowd::drip(std::string_view text) {
  if (dripped_ >= text.size()) return;
  say(text.substr(dripped_++, 1));
}

void Crowd::shutdown_write() {
  for (Client& client : clients_) client.shutdown_write();
}

void Crowd::reset() {
  for (Client& client : clients_) client.reset();
  clients_.clear();
}

void connect_and_reset(std::uint16_t port, std::size_t count, std::string_view bytes) {
  for (std::size_t i = 0; i < count; ++i) {
    Client client(port);
    client.try_send(bytes, kShortly);
    client.reset();
  }
}

std::string request_with_headers(std::size_t count) {
  std::string request = "GET /ping HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 1; i < count; ++i) request += "X-" + std::to_string(i) + ": y\r\n";
  return request + "\r\n";
}

// Of one connection that asks, the server's own answer is a part of what it holds.
Holdings holdings_of(const RunningServer& server) {
  const std::string page = server.admin_get("/info").body;
  Holdings holdings;
  for (std::size_t at = page.find("\"core\": "); at != std::string::npos;
       at = page.find("\"core\": ", at + 1)) {
    holdings.connections += number_in(page.substr(at), "\"core\"", "\"connections\": ");
  }
  holdings.descriptors = number_in(page, "\"descriptors\": {", "\"used\": ");
  holdings.memory = number_in(page, "\"total\": {", "\"bytes\": ");
  return holdings;
}

Holdings await_holdings(const RunningServer& server, const Holdings& bound) {
  Holdings now;
  const auto fits = [&] {
    now = holdings_of(server);
    return now.connections <= bound.connections && now.descriptors <= bound.descriptors &&
           now.memory <= bound.memory;
  };
  static_cast<void>(eventually(fits));  // whoever asks compares
  return now;
}

Witness::Witness(const RunningServer& server)
    : server_(server), subscription_(server, "cname=witness&seq=1") {
  server.await_subscribers("witness", 1);
}

std::uint64_t Witness::observe() {
  std::chrono::milliseconds longest{0};
  const auto timed = [&longest](auto&& act) {
    const auto begin = Clock::now();
    act();
    longest = std::max(longest,
                       std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin));
  };
  timed([&] {
    if (server_.admin_get("/health/live").status != 200) throw ClientError("not alive");
  });
  timed([&] {
    if (server_.admin_get("/info").status != 200) throw ClientError("no /info");
  });
  timed([&] {
    server_.push("witness", "still there");
    const std::string got = subscription_.next();
    if (got != data("witness", ++seq_, "still there")) throw ClientError("the witness got " + got);
  });
  return static_cast<std::uint64_t>(longest.count());
}

}  // namespace support
