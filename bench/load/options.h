// What the command line asks for, checked: whatever is wrong is one sentence.
//
// A value; read once and never changed.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "reactor/endpoint.h"

namespace load {

enum class Server : std::uint8_t { kComet, kFloor, kNchan, kNats };
enum class Transport : std::uint8_t { kStream, kSse, kIframe, kWs, kPoll, kSub };

struct Options {
  Server server = Server::kComet;
  std::string server_name = "comet";
  reactor::Endpoint front;
  reactor::Endpoint admin;
  std::vector<pid_t> pids;

  Transport transport = Transport::kStream;
  std::string transport_name = "stream";
  std::uint64_t subscribers = 1000;
  std::uint64_t channels = 1;
  std::string channel_prefix;
  std::uint64_t processes = 0;  // 0: as many as descriptors need
  std::uint64_t sources = 0;    // 0: as many as ports need
  std::uint64_t connect_window = 128;

  double rate = 0;
  std::uint64_t closed_loop = 0;  // 0: open loop
  std::uint64_t publishers = 1;
  std::uint64_t content_bytes = 100;
  double warmup_s = 1;
  double duration_s = 5;
  double idle_s = 0;

  double churn = 0;
  std::uint64_t slow = 0;
  std::uint64_t background_subscribers = 0;
  double background_rate = 0;

  std::string json_path;  // empty: none
  bool quiet = false;

  std::vector<std::string> command;

  [[nodiscard]] bool publishes() const { return rate > 0 || closed_loop > 0; }
  [[nodiscard]] bool polls() const {
    return transport == Transport::kPoll || transport == Transport::kSub;
  }
  [[nodiscard]] std::uint64_t connections() const { return subscribers + background_subscribers; }
};

// What there is to say instead of running: the help, or what is wrong.
struct Farewell {
  int status;
  std::string text;
};

std::variant<Options, Farewell> parse_options(const std::vector<std::string>& command);

}  // namespace load
