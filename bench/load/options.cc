#include "bench/load/options.h"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>

#include <CLI/CLI.hpp>

#include "comet/version.h"

namespace load {
namespace {

constexpr int kUsage = 2;

const std::map<std::string, Server> kServers{{"comet", Server::kComet},
                                             {"floor", Server::kFloor},
                                             {"nchan", Server::kNchan},
                                             {"nats", Server::kNats}};
const std::map<std::string, Transport> kTransports{
    {"stream", Transport::kStream}, {"sse", Transport::kSse},   {"iframe", Transport::kIframe},
    {"ws", Transport::kWs},         {"poll", Transport::kPoll}, {"sub", Transport::kSub}};

constexpr std::string_view kFooter = R"(
The course of a run: all subscribe, rest for a second, rest on for --idle seconds, then messages are
published round-robin over the channels, and at the end there is time for what is under way: until
all has arrived, or nothing for 5 s. Latency is counted from the moment a message should have been
sent (with --closed-loop: was sent) to the moment its bytes were read. The warm-up is checked like
the rest, but counted nowhere. CPU and memory are those of the processes given with --pid.

--churn needs a server that keeps what a subscriber misses while it is away: in comet that is
channel_buffer_size messages. The contents for nchan and nats carry channel and number, since these
servers do not number messages; they are at least 22 bytes. The floor has one channel and publishes
contents of its own; its --content-bytes has to be said here too.

Exit status: 0 if every message that was acknowledged reached every subscriber (but the slow ones)
exactly once and in order, 1 if not, 2 if the command line is wrong or the server is in trouble.)";

struct Texts {
  std::string front = "127.0.0.1:8100";
  std::string admin = "127.0.0.1:8000";
};

// Bounds that say nothing in the help: they are far away.
template <class T>
CLI::Validator within(T least, T most) {
  return CLI::Range(least, most).description("");
}

void describe(CLI::App& app, Options& options, Texts& texts) {
  constexpr std::uint64_t kMany = 1'000'000'000;
  const auto whole = within<std::uint64_t>(0, kMany);
  const auto at_least_one = within<std::uint64_t>(1, kMany);
  const auto amount = within(0.0, 1e9);

  const char* group = "Target";
  app.add_option("--server", options.server_name, "what kind of server it is [comet]")
      ->check(CLI::IsMember(kServers))
      ->group(group);
  app.add_option("--front", texts.front, "where subscribers connect [127.0.0.1:8100]")
      ->type_name("ADDR:PORT")
      ->group(group);
  app.add_option("--admin", texts.admin, "where publishers connect [127.0.0.1:8000]")
      ->type_name("ADDR:PORT")
      ->group(group);
  app.add_option("--pid", options.pids, "a process of the server, to be measured; may be repeated")
      ->type_name("PID")
      ->take_all()
      ->allow_extra_args(false)
      ->check(within(1, std::numeric_limits<int>::max()))
      ->group(group);

  group = "Subscribers";
  app.add_option("--transport", options.transport_name, "how they listen, on comet [stream]")
      ->check(CLI::IsMember(kTransports))
      ->group(group);
  app.add_option("--subscribers", options.subscribers, "how many [1000]")
      ->check(at_least_one)
      ->type_name("N")
      ->group(group);
  app.add_option("--channels", options.channels, "subscriber i listens to channel i % C [1]")
      ->check(at_least_one)
      ->type_name("C")
      ->group(group);
  app.add_option("--channel-prefix", options.channel_prefix,
                 "what channel names begin with [load-PID-]")
      ->type_name("TEXT")
      ->group(group);
  app.add_option("--processes", options.processes,
                 "processes of the generator; 0: as many as descriptors need [0]")
      ->check(within(0, 1024))
      ->type_name("P")
      ->group(group);
  app.add_option("--sources", options.sources,
                 "source addresses, 127.0.0.2 and on; 0: as many as ports need [0]")
      ->check(within(0, 65536))
      ->type_name("N")
      ->group(group);
  app.add_option("--connect-window", options.connect_window,
                 "connections that are being opened at once [128]")
      ->check(at_least_one)
      ->type_name("W")
      ->group(group);

  group = "Publishing";
  app.add_option("--rate", options.rate,
                 "messages per second over all channels, at intended times; a late generator "
                 "catches up and never skips; 0: none [0]")
      ->check(amount)
      ->type_name("R")
      ->group(group);
  app.add_option("--closed-loop", options.closed_loop,
                 "instead: as fast as W unanswered publishes allow")
      ->check(within(1, 100'000))
      ->type_name("W")
      ->group(group);
  app.add_option("--publishers", options.publishers,
                 "keep-alive connections that publish, pipelined; a channel stays on one [1]")
      ->check(within(1, 1024))
      ->type_name("K")
      ->group(group);
  app.add_option("--content-bytes", options.content_bytes, "size of a message's content [100]")
      ->check(within(0, 1 << 20))
      ->type_name("B")
      ->group(group);
  app.add_option("--warmup", options.warmup_s, "seconds of publishing before it counts [1]")
      ->check(amount)
      ->type_name("S")
      ->group(group);
  app.add_option("--duration", options.duration_s, "seconds of publishing that count [5]")
      ->check(amount)
      ->type_name("S")
      ->group(group);
  app.add_option("--idle", options.idle_s, "seconds of rest before publishing, measured [0]")
      ->check(amount)
      ->type_name("S")
      ->group(group);

  group = "Trouble";
  app.add_option("--churn", options.churn,
                 "subscribers per second that leave and come back with their next number, while "
                 "publishing [0]")
      ->check(amount)
      ->type_name("R")
      ->group(group);
  app.add_option("--slow", options.slow,
                 "so many of the subscribers read 256 bytes a second; reported aside [0]")
      ->check(whole)
      ->type_name("N")
      ->group(group);
  app.add_option("--background-subscribers", options.background_subscribers,
                 "subscribers of one more channel, which is not measured [0]")
      ->check(whole)
      ->type_name("N")
      ->group(group);
  app.add_option("--background-rate", options.background_rate,
                 "messages per second on that channel [0]")
      ->check(amount)
      ->type_name("R")
      ->group(group);

  group = "Report";
  app.add_option("--json", options.json_path, "write the results for programs here")
      ->type_name("FILE")
      ->group(group);
  app.add_flag("--quiet", options.quiet, "no progress bar and no table")->group(group);
}

// A prefix goes into URLs and NATS subjects as it is.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// What does not go together, in one sentence.
std::optional<std::string> contradiction(const Options& options) {
  const bool comet = options.server == Server::kComet;
  const bool background = options.background_subscribers > 0 || options.background_rate > 0;
  if (options.rate > 0 && options.closed_loop > 0) {
    return "--rate and --closed-loop exclude each other";
  }
  if (!is_plain(options.channel_prefix) || options.channel_prefix.size() > 100) {
    return "--channel-prefix takes up to 100 letters, digits, - and _";
  }
  if (options.slow > options.subscribers) return "--slow is more than --subscribers";
  if (options.slow > 0 && options.polls()) return "--slow needs an endless transport";
  if (!comet && options.transport != Transport::kStream && options.transport != Transport::kSse) {
    return "--transport " + options.transport_name + " needs --server comet";
  }
  if (options.churn > 0 && !comet) return "--churn needs --server comet";
  if (options.server == Server::kFloor && (options.channels > 1 || background)) {
    return "the floor has only one channel";
  }
  if (options.server == Server::kFloor && options.publishers > 1) {
    return "the floor keeps order only with one publisher";
  }
  if (options.background_rate > 0 && options.background_subscribers == 0) {
    return "--background-rate needs --background-subscribers";
  }
  if (background && options.polls()) return "background subscribers need an endless transport";
  if (options.publishes() && options.duration_s <= 0) return "--duration must be more than 0";
  return std::nullopt;
}

Farewell wrong(const std::string& sentence) { return {kUsage, "comet-load: " + sentence + "\n"}; }

}  // namespace

std::variant<Options, Farewell> parse_options(const std::vector<std::string>& command) {
  CLI::App app("Loads a push server: subscribes, publishes, checks what arrives, and measures.",
               "comet-load");
  app.footer(std::string(kFooter));
  app.set_version_flag("--version", std::string("comet-load ") + comet::kVersion);
  Options options;
  Texts texts;
  describe(app, options, texts);
  try {
    // CLI11 takes its words from the back of a vector, without the program's name.
    app.parse(std::vector<std::string>(command.rbegin(), command.rend() - 1));
  } catch (const CLI::Success& wish) {  // --help and --version
    std::ostringstream text;
    app.exit(wish, text, text);
    return Farewell{0, text.str()};
  } catch (const CLI::ParseError& error) {
    return wrong(error.what());
  }

  options.command = command;
  options.server = kServers.at(options.server_name);
  options.transport = kTransports.at(options.transport_name);
  if (options.channel_prefix.empty()) {
    options.channel_prefix = "load-" + std::to_string(::getpid()) + "-";
  }
  const auto front = reactor::Endpoint::parse(texts.front);
  if (!front) return wrong("--front: " + front.error());
  const auto admin = reactor::Endpoint::parse(texts.admin);
  if (!admin) return wrong("--admin: " + admin.error());
  options.front = *front;
  options.admin = *admin;
  if (const auto sentence = contradiction(options)) return wrong(*sentence);
  return options;
}

}  // namespace load
