// Every end is counted once: one subscriber on each transport, ended for each reason there is, and
// /info has that reason once more and nothing else.
#include <gtest/gtest.h>

#include <simdjson.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/server_test.h"
#include "tests/support/websocket_client.h"

namespace support {
namespace {

using Counts = std::map<std::string, std::uint64_t>;  // by reason, without those that are 0

constexpr std::string_view kCloseAfter = "Connection: close\r\n";
// More than both sockets' buffers take.
constexpr std::size_t kLong = 16u << 20;

// A subscriber, on whatever transport, with no more of its protocol than its end takes.
class Peer {
 public:
  Peer(const RunningServer& server, std::string_view path, std::string_view query,
       std::string_view headers = kCloseAfter)
      : Peer(server.front(), path, query, headers) {}
  Peer(Client client, std::string_view path, std::string_view query, std::string_view headers)
      : client_(std::move(client)) {
    const bool websocket = path == "/ws";
    client_.get(std::string(path) + "?" + std::string(query),
                websocket ? std::string(kWebsocketHeaders) : std::string(headers));
  }
  Client& client() { return client_; }

 private:
  Client client_;
};

// Asks /info and what else is to be asked on one connection, which therefore counts nowhere.
class Asker {
 public:
  explicit Asker(const RunningServer& server) : server_(server), client_(server.admin()) {}

  std::string ask(std::string_view target) {
    client_.get(target);
    Response response = client_.read_response();
    // When the server drains, each answer is a connection's last.
    if (response.header("connection") == "close") {
      client_ = server_.admin();
      ++ended_;
    }
    return std::move(response.body);
  }
  void push(std::string_view content) {
    client_.post("/push?cname=a", "text/plain", content);
    ASSERT_EQ(client_.read_response().body, "{\"type\":\"ok\"}\n");
  }
  void await(std::string_view target, const std::string& part) {
    std::string body;
    const auto contains_part = [&] {
      body = ask(target);
      return body.find(part) != std::string::npos;
    };
    if (!eventually(contains_part)) throw ClientError("no " + part + " in " + body);
  }
  void await_seated() { await("/info?cname=a", "\"subscribers\": 1,"); }
  // What was counted, once nobody is connected but this one and `others`.
  Counts counts(std::uint64_t others = 0) {
    std::string body;
    simdjson::dom::element info;
    const auto others_are_left = [&] {
      body = ask("/info");
      info = parser_.parse(body);
      std::uint64_t connections = 0;
      for (const simdjson::dom::element core : info["reactors"].get_array()) {
        connections += core["connections"].get_uint64();
      }
      return connections == 1 + others;
    };
    if (!eventually(others_are_left)) throw ClientError("connections should have ended: " + body);
    return counts_in(info);
  }

 private:
  Counts counts_in(simdjson::dom::element info) const {
    Counts counts;
    for (const char* kind : {"refused", "closed"}) {
      for (const auto [reason, count] : info[kind].get_object()) {
        if (std::uint64_t{count} > 0) counts[std::string(reason)] = std::uint64_t{count};
      }
    }
    // Of its own connections, all but the one that asked this have ended.
    if (ended_ > 0) {
      auto finished = counts.find("finished");
      if (finished != counts.end() && (finished->second -= ended_ - 1) == 0) counts.erase(finished);
    }
    return counts;
  }

  const RunningServer& server_;
  Client client_;
  std::uint64_t ended_ = 0;
  simdjson::dom::parser parser_;
};

class EndingsTest : public ServerTest {
 protected:
  EndingsTest() {
    settings_.limits.body_bytes = 2 * kLong;
    settings_.limits.content_bytes = 2 * kLong;
    settings_.limits.peer_timeout_s = 3600;
    settings_.drain_timeout_s = 0;
  }

  struct World {
    RunningServer& server;
    Asker& asker;
    std::string_view path;
  };
  // `scene` brings one subscriber to its end; nobody is connected after it.
  void expect(const Counts& expected, const std::vector<std::string_view>& paths,
              const std::function<void(World&)>& scene) {
    for (const std::string_view path : paths) {
      SCOPED_TRACE(path);
      RunningServer server(settings_);
      Asker asker(server);
      World world{server, asker, path};
      scene(world);
      EXPECT_EQ(asker.counts(), expected);
    }
  }
  // Reads whatever comes, up to the end of the connection.
  static void read_up(Peer& peer) { peer.client().read_rest(); }
  // Until the reason is there, however much it takes.
  static void await_reason(World& world, const std::string& reason) {
    world.asker.await("/info", "\"" + reason + "\": 1");
  }

  const std::vector<std::string_view> streams_{"/stream", "/iframe", "/sse"};
  const std::vector<std::string_view> polls_{"/poll", "/sub"};
  const std::vector<std::string_view> http_{"/stream", "/iframe", "/sse", "/poll", "/sub"};
  const std::vector<std::string_view> endless_{"/stream", "/iframe", "/sse", "/ws"};
  const std::vector<std::string_view> all_{"/stream", "/iframe", "/sse", "/poll", "/sub", "/ws"};
  comet::Config settings_ = config();
};
RUN_WITH_1_2_AND_4_REACTORS(EndingsTest);

TEST_P(EndingsTest, AClientThatLeaves) {
  using Leave = void (*)(Client&);
  const Leave closes = [](Client& client) { client.close(); };
  const Leave resets = [](Client& client) { client.reset(); };
  const Leave half_closes = [](Client& client) { client.shutdown_write(); };
  for (const Leave leave : {closes, resets, half_closes}) {
    for (const char* query : {"cname=a&seq=1", "cname=a&seq=1&cname=b&seq=1"}) {
      SCOPED_TRACE(query);
      expect({{"client_left", 1}}, all_, [&](World& world) {
        Peer peer(world.server, world.path, query);
        world.asker.await_seated();
        leave(peer.client());
        world.asker.counts();
      });
    }
  }
}

TEST_P(EndingsTest, AChannelThatIsClosed) {
  expect({{"channel_closed", 1}}, http_, [](World& world) {
    Peer peer(world.server, world.path, "cname=a&seq=1");
    world.asker.await_seated();
    world.asker.ask("/close?cname=a");
    read_up(peer);
  });
}

TEST_P(EndingsTest, AllChannelsOfAConnectionThatAreClosed) {
  expect({{"channel_closed", 2}}, streams_, [](World& world) {
    Peer peer(world.server, world.path, "cname=a&seq=1&cname=b&seq=1");
    world.asker.await_seated();
    world.asker.await("/info?cname=b", "\"subscribers\": 1,");
    world.asker.ask("/close?cname=a");
    world.asker.ask("/close?cname=b");
    read_up(peer);
  });
}

TEST_P(EndingsTest, AConnectionThatOutlivesItsSubscriptionIsCountedByItself) {
  expect({{"channel_closed", 1}, {"client_left", 1}}, all_, [](World& world) {
    Peer peer(world.server, world.path, "cname=a&seq=1", "");
    world.asker.await_seated();
    world.asker.ask("/close?cname=a");
    await_reason(world, "channel_closed");
  });
}

TEST_P(EndingsTest, ASubscriberWhoFallsBehind) {
  settings_.front.backlog_messages = 50;
  settings_.front.backlog_bytes = 2 * kLong;
  expect({{"lagging", 1}}, endless_, [](World& world) {
    Peer peer(world.server, world.path, "cname=a&seq=1");
    world.asker.await_seated();
    world.asker.push(std::string(kLong, 'x'));
    for (int i = 0; i < 100; ++i) world.asker.push(std::string(1024, 'x'));
    await_reason(world, "lagging");
  });
}

TEST_P(EndingsTest, AWebSocketWhoseClientIsSilent) {
  settings_.front.polling_timeout_s = 1;
  expect({{"silent", 1}}, {"/ws"}, [](World& world) {
    Peer peer(world.server, world.path, "cname=a&seq=1");
    read_up(peer);
  });
}

TEST_P(EndingsTest, ASubscriberWhoIsSentAway) {
  for (const char* query : {"cname=a&seq=1", "cname=a&seq=1&cname=b&seq=1"}) {
    SCOPED_TRACE(query);
    expect({{"draining", 1}}, all_, [&](World& world) {
      Peer peer(world.server, world.path, query);
      world.asker.await_seated();
      world.server.drain();
      read_up(peer);
    });
  }
}

TEST_P(EndingsTest, AnIdleConnectionThatIsSentAway) {
  expect({{"draining", 1}}, {"/ping"}, [](World& world) {
    Peer peer(world.server, world.path, "", "");
    EXPECT_EQ(peer.client().read_response().status, 200);
    world.server.drain();
    read_up(peer);
  });
}

TEST_P(EndingsTest, AWebSocketThatBreaksTheRules) {
  expect({{"websocket_fault", 1}}, {"/ws"}, [](World& world) {
    Peer peer(world.server, world.path, "cname=a&seq=1");
    world.asker.await_seated();
    peer.client().send("\xff");
    read_up(peer);
  });
}

TEST_P(EndingsTest, AMessageOfAWebSocketThatDoesNotArrive) {
  settings_.limits.body_timeout_s = 1;
  expect({{"slow_request", 1}}, {"/ws"}, [](World& world) {
    Peer peer(world.server, world.path, "cname=a&seq=1");
    peer.client().send(client_fragment(kText, "{\"op\":", false));
    read_up(peer);
  });
}

TEST_P(EndingsTest, AnAnswerThatIsNotFetched) {
  settings_.limits.idle_timeout_s = 1;
  for (const std::string_view headers : {std::string_view(), kCloseAfter}) {
    expect({{"slow_reader", 1}}, polls_, [&](World& world) {
      world.asker.push(std::string(kLong, 'x'));
      Peer peer(world.server, world.path, "cname=a&seq=1", headers);
      world.asker.counts();
    });
  }
}

TEST_P(EndingsTest, AClientThatTakesNothingForTooLong) {
  settings_.limits.peer_timeout_s = 1;
  expect({{"timed_out", 1}}, all_, [](World& world) {
    Peer peer(world.server, world.path, "cname=a&seq=1");
    world.asker.await_seated();
    world.asker.push(std::string(kLong, 'x'));
    world.asker.counts();
  });
}

// Whoever has been there before is let in, though memory is short.
TEST_P(EndingsTest, AnAnswerThatIsNotTakenAtOnceWhileMemoryIsShort) {
  expect({{"memory_short", 1}}, http_, [this](World& world) {
    world.asker.push(std::string(kLong, 'x'));
    Client client = world.server.front();
    client.get("/poll?cname=a");
    EXPECT_EQ(client.read_response().status, 200);
    comet::Config small = settings_;
    small.limits.max_memory = kLong;
    world.server.reload(small);
    Peer peer(std::move(client), world.path, "cname=a&seq=1", "");
    world.asker.counts();
  });
}

TEST_P(EndingsTest, ALongMessageOfAWebSocketWhileMemoryIsShort) {
  expect({{"memory_short", 1}}, {"/ws"}, [this](World& world) {
    Peer peer(world.server, world.path, "cname=a&seq=1");
    world.asker.await_seated();
    comet::Config small = settings_;
    small.limits.max_memory = 1;
    world.server.reload(small);
    peer.client().send(client_fragment(kText, std::string(30'000, 'x'), false));
    read_up(peer);
  });
}

TEST_P(EndingsTest, AConnectionWhoseLastAnswerWasGiven) {
  expect({{"finished", 1}}, polls_, [](World& world) {
    world.asker.push("x");
    Peer peer(world.server, world.path, "cname=a&seq=1");
    read_up(peer);
  });
  expect({{"finished", 1}}, {"/ws"}, [](World& world) {
    Peer peer(world.server, world.path, "cname=a&seq=1");
    world.asker.await_seated();
    peer.client().send(client_frame(kClose, close_payload(1000)));
    read_up(peer);
  });
}

TEST_P(EndingsTest, AConnectionThatRestsBetweenPolls) {
  settings_.limits.idle_timeout_s = 1;
  expect({{"idle", 1}}, polls_, [](World& world) {
    world.asker.push("x");
    Peer peer(world.server, world.path, "cname=a&seq=1", "");
    world.asker.counts();
  });
}

// --- Refused ------------------------------------------------------------------------------------

TEST_P(EndingsTest, ASubscriberWhoIsRefused) {
  const auto asks = [](World& world) {
    Peer peer(world.server, world.path, "cname=b");
    read_up(peer);
  };
  settings_.front.max_channels = 1;
  expect({{"too_many_channels", 1}}, http_, [&](World& world) {
    world.asker.push("x");
    asks(world);
  });
  settings_ = config();
  settings_.front.create_channels = false;
  expect({{"unknown_channel", 1}}, http_, asks);
  settings_ = config();
  settings_.front.auth = comet::Auth::kToken;
  expect({{"token_error", 1}}, http_, asks);
  settings_ = config();
  settings_.limits.max_memory = 1;
  expect({{"memory_full", 1}}, http_, asks);
  settings_ = config();
  settings_.front.max_subscribers_per_channel = 1;
  expect({{"client_left", 1}, {"too_many_subscribers", 1}}, http_, [&](World& world) {
    Peer first(world.server, "/stream", "cname=b");
    world.asker.await("/info?cname=b", "\"subscribers\": 1,");
    asks(world);
  });
  settings_ = config();
  settings_.front.max_connections = 1;
  expect({{"client_left", 1}, {"server_full", 1}}, http_, [&](World& world) {
    Peer first(world.server, "/stream", "cname=b");
    world.asker.await("/info?cname=b", "\"subscribers\": 1,");
    asks(world);
  });
}

TEST_P(EndingsTest, AWebSocketGoesOnWithoutAChannelThatIsRefused) {
  settings_.front.auth = comet::Auth::kToken;
  expect({{"client_left", 1}, {"token_error", 1}}, {"/ws"}, [](World& world) {
    Peer peer(world.server, world.path, "cname=a");
    await_reason(world, "token_error");
  });
}

TEST_P(EndingsTest, ARequestThatCannotBeUnderstood) {
  expect({{"malformed", 1}}, {"/"}, [](World& world) {
    Client client = world.server.front();
    client.send("GET / HTTP/1.1\r\nno colon\r\n\r\n");
    client.read_rest();
  });
}

}  // namespace
}  // namespace support
