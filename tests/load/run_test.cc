// Whole runs: against the server itself, and against one that makes mistakes on purpose.
#include "bench/load/run.h"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/reactor/loopback.h"
#include "tests/support/running_server.h"

namespace load {
namespace {

constexpr std::size_t kDescriptors = 1000;

// Patient where all will be well: only what stays away costs time.
constexpr Run::Patience kPatience{10 * kMillisecond, 10 * kSecond, 5 * kSecond};
constexpr Run::Patience kHaste{10 * kMillisecond, 300 * kMillisecond, kSecond};

reactor::Result<Results> go(const Options& options, const Run::Patience& patience = kPatience,
                            std::size_t descriptors = kDescriptors) {
  return Run(options, descriptors, patience).go();
}

Options options_for(std::uint16_t front, std::uint16_t admin) {
  Options options;
  options.front = {*reactor::IpAddress::parse("127.0.0.1"), front};
  options.admin = {options.front.address, admin};
  options.channel_prefix = "run-";
  options.subscribers = 30;
  options.rate = 500;
  options.warmup_s = 0.05;
  options.duration_s = 0.2;
  options.quiet = true;
  return options;
}

void expect_faultless(const Options& options) {
  const auto results = go(options);
  ASSERT_TRUE(results.ok()) << results.error();
  ASSERT_TRUE(results->publish);
  const Results::Publish& publish = *results->publish;
  EXPECT_TRUE(publish.faultless()) << publish.missing << " missing";
  EXPECT_GT(publish.published, 0u);
  EXPECT_EQ(publish.acknowledged, publish.published);
  EXPECT_GT(publish.expected, 0u);
  EXPECT_EQ(publish.deliveries, publish.expected);
  EXPECT_EQ(results->latency->count(), publish.expected);
  if (options.rate > 0) {
    EXPECT_EQ(publish.published, 100u);
  }
}

class RunAgainstComet : public testing::Test {
 protected:
  RunAgainstComet() : server_(config()) {}
  // Whoever comes back late, on a busy machine, still finds all that it missed.
  static comet::Config config() {
    comet::Config config = support::loopback_config(2);
    config.front.channel_buffer_size = 1000;
    return config;
  }
  [[nodiscard]] Options options(Transport transport, std::string_view name) const {
    Options options = options_for(server_.front_port(), server_.admin_port());
    options.transport = transport;
    options.transport_name = name;
    return options;
  }

  support::RunningServer server_;
};

TEST_F(RunAgainstComet, FindsNoFaultOnAnyTransport) {
  const std::pair<Transport, std::string_view> transports[] = {{Transport::kStream, "stream"},
                                                               {Transport::kSse, "sse"},
                                                               {Transport::kIframe, "iframe"},
                                                               {Transport::kPoll, "poll"},
                                                               {Transport::kSub, "sub"}};
  for (const auto& [transport, name] : transports) {
    SCOPED_TRACE(name);
    Options run = options(transport, name);
    run.channels = 7;
    run.publishers = 3;
    run.channel_prefix = std::string(name) + "-";
    expect_faultless(run);
  }
}

TEST_F(RunAgainstComet, NumbersNeedNotBeginWithOne) {
  for (int i = 0; i < 5; ++i) server_.push("run-0", "before");
  expect_faultless(options(Transport::kStream, "stream"));
}

TEST_F(RunAgainstComet, SeveralProcessesAndSourcesAddUp) {
  Options run = options(Transport::kStream, "stream");
  run.processes = 3;
  run.sources = 2;
  run.channels = 2;
  expect_faultless(run);
}

TEST_F(RunAgainstComet, AClosedLoopIsTimedToo) {
  Options run = options(Transport::kStream, "stream");
  run.rate = 0;
  run.closed_loop = 4;
  run.channels = 3;
  run.publishers = 2;
  expect_faultless(run);
}

TEST_F(RunAgainstComet, WhoLeavesAndComesBackMissesNothing) {
  Options run = options(Transport::kStream, "stream");
  run.churn = 200;
  expect_faultless(run);
}

TEST_F(RunAgainstComet, SlowReadersAndTheBackgroundAreNotCounted) {
  Options run = options(Transport::kStream, "stream");
  run.slow = 5;
  run.background_subscribers = 4;
  run.background_rate = 100;
  const auto results = go(run);
  ASSERT_TRUE(results.ok()) << results.error();
  EXPECT_EQ(results->publish->expected, 100u * 25);
  EXPECT_EQ(results->publish->deliveries, 100u * 25);
  EXPECT_TRUE(results->publish->faultless());
  EXPECT_EQ(results->slow->subscribers, 5u);
}

TEST_F(RunAgainstComet, WithoutPublishingThereIsOnlyTheStart) {
  Options run = options(Transport::kStream, "stream");
  run.rate = 0;
  const auto results = go(run);
  ASSERT_TRUE(results.ok()) << results.error();
  EXPECT_GT(results->subscribe.seconds, 0);
  EXPECT_FALSE(results->publish);
  EXPECT_EQ(results->latency, nullptr);
}

using Numbers = std::vector<std::uint64_t>;

// A server for one subscriber, in a thread of its own: for each publish it sends what a script
// says.
class ScriptedServer {
 public:
  enum class Greeting : std::uint8_t { kProper, kNone };

  ScriptedServer(std::vector<Numbers> script, Greeting greeting)
      : script_(std::move(script)),
        greeting_(greeting),
        front_(reactor::testing_loopback::listener_v4()),
        admin_(reactor::testing_loopback::listener_v4()),
        thread_([this] { serve(); }) {}
  explicit ScriptedServer(std::vector<Numbers> script)
      : ScriptedServer(std::move(script), Greeting::kProper) {}
  ~ScriptedServer() { thread_.join(); }

  [[nodiscard]] Options options() const {
    Options options =
        options_for(reactor::bound_endpoint(front_).port, reactor::bound_endpoint(admin_).port);
    options.subscribers = 1;
    options.content_bytes = 1;
    options.rate = 100;
    options.warmup_s = 0;
    options.duration_s = 0.06;  // six messages
    return options;
  }

 private:
  static reactor::Fd accept(const reactor::Fd& listener) {
    reactor::testing_loopback::await(listener.get(), POLLIN);
    return std::move(reactor::accept_one(listener).fd);
  }

  // How many requests came together; 0 at the end.
  static std::size_t requests(const reactor::Fd& fd) {
    std::array<char, 65536> buffer;
    std::string seen;
    while (!seen.ends_with("\r\n\r\n")) {
      reactor::testing_loopback::await(fd.get(), POLLIN);
      const ssize_t got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
      if (got <= 0) return 0;
      seen.append(buffer.data(), static_cast<std::size_t>(got));
    }
    std::size_t count = 0;
    for (std::size_t at = 0; (at = seen.find("\r\n\r\n", at)) != std::string::npos; at += 4) {
      ++count;
    }
    return count;
  }

  static void send(const reactor::Fd& fd, std::string_view bytes) {
    EXPECT_EQ(reactor::send(fd.get(), bytes).bytes, bytes.size());
  }

  static void send_message(const reactor::Fd& fd, std::string_view json) {
    std::array<char, 32> head{};
    const int size = std::snprintf(head.data(), head.size(), "%zx\r\n", json.size() + 1);
    std::string chunk(head.data(), static_cast<std::size_t>(size));
    send(fd, chunk.append(json).append("\n\r\n"));
  }

  void serve() {
    const reactor::Fd subscriber = accept(front_);
    requests(subscriber);
    if (greeting_ == Greeting::kNone) {
      requests(subscriber);  // until it leaves
      return;
    }
    send(subscriber, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    send_message(subscriber, support::next_seq("run-0", 1));
    accept(admin_);  // only looks whether there is somebody
    const reactor::Fd publisher = accept(admin_);
    std::size_t published = 0;
    while (published < script_.size()) {
      const std::size_t more = requests(publisher);
      if (more == 0) return;
      for (std::size_t i = 0; i < more && published < script_.size(); ++i) {
        for (const std::uint64_t number : script_[published]) {
          send_message(subscriber, support::data("run-0", number, "x"));
        }
        ++published;
        send(publisher, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      }
    }
    requests(publisher);  // until it leaves
  }

  std::vector<Numbers> script_;
  Greeting greeting_;
  reactor::Fd front_;
  reactor::Fd admin_;
  std::thread thread_;
};

TEST(Run, FindsWhatAServerDoesWrong) {
  const struct {
    std::string name;
    std::vector<Numbers> script;
    std::uint64_t missing, repeated, late;
  } cases[] = {
      {"nothing", {{1}, {2}, {3}, {4}, {5}, {6}}, 0, 0, 0},
      {"a loss", {{1}, {2}, {}, {4}, {5}, {6}}, 1, 0, 0},
      {"a loss at the end", {{1}, {2}, {3}, {4}, {5}, {}}, 1, 0, 0},
      {"a repetition", {{1}, {2, 2}, {3}, {4}, {5}, {6}}, 0, 1, 0},
      {"a swap", {{1}, {}, {3, 2}, {4}, {5}, {6}}, 0, 0, 1},
      {"all of it", {{1, 1}, {}, {3, 2}, {}, {5}, {}}, 2, 1, 1},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    const ScriptedServer server(one.script);
    const Options options = server.options();
    const auto results = go(options, {kPatience.rest_ns, kPatience.subscribe_ns, kSecond});
    ASSERT_TRUE(results.ok()) << results.error();
    EXPECT_EQ(results->publish->acknowledged, 6u);
    EXPECT_EQ(results->publish->expected, 6u);
    EXPECT_EQ(results->publish->missing, one.missing);
    EXPECT_EQ(results->publish->repeated, one.repeated);
    EXPECT_EQ(results->publish->out_of_order, one.late);
    EXPECT_EQ(results->publish->faultless(), one.missing + one.repeated + one.late == 0);
  }
}

std::string trouble_with(const Options& options) {
  const auto results = go(options, kHaste);
  return results ? "" : results.error();
}

TEST(Run, AServerThatLeavesIsTrouble) {
  const ScriptedServer server({{1}, {2}});  // and gone, with all its connections
  EXPECT_NE(trouble_with(server.options()), "");
}

TEST(Run, AServerThatDoesNotAnswerIsTrouble) {
  const ScriptedServer server({}, ScriptedServer::Greeting::kNone);
  EXPECT_EQ(trouble_with(server.options()),
            "0 of 1 subscribers are in place, and no more for 0.3 s");
}

TEST(Run, AServerThatSpeaksOtherwiseIsTrouble) {
  const ScriptedServer server({{1}, {2}, {3}, {4}, {5}, {6}});
  Options options = server.options();
  options.content_bytes = 2;
  EXPECT_NE(trouble_with(options).find("not what was published"), std::string::npos);
}

TEST(Run, NobodyThereIsTrouble) {
  reactor::Fd listener = reactor::testing_loopback::listener_v4();
  const std::uint16_t port = reactor::bound_endpoint(listener).port;
  listener.reset();
  EXPECT_NE(trouble_with(options_for(port, port)), "");
  Options only_subscribing = options_for(port, port);
  only_subscribing.rate = 0;
  EXPECT_NE(trouble_with(only_subscribing), "");
}

TEST(Run, TooFewDescriptorsAreSpreadOverProcesses) {
  const support::RunningServer server(support::loopback_config(1));
  const Options options = options_for(server.front_port(), server.admin_port());
  const auto results = go(options, kPatience, 12);  // ten connections each
  ASSERT_TRUE(results.ok()) << results.error();
  EXPECT_TRUE(results->publish->faultless());
  EXPECT_EQ(results->publish->deliveries, 100u * 30);
}

}  // namespace
}  // namespace load
