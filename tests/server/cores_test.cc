// Many subscribers and publishers at once, on all cores: nobody misses anything, sees anything
// twice, or out of order.
#include <absl/cleanup/cleanup.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

class CoresTest : public ServerTest {
 protected:
  [[nodiscard]] comet::Config deep() const {
    comet::Config result = config();
    result.front.channel_buffer_size = 10'000;
    return result;
  }
};
RUN_WITH_1_2_AND_4_REACTORS(CoresTest);

// Sends the requests over one connection, some at a time. Throws unless each is answered by 200.
void request_all(Client client, const std::vector<std::string>& targets) {
  constexpr std::size_t kPipelined = 16;
  for (std::size_t i = 0; i < targets.size(); i += kPipelined) {
    const std::size_t end = std::min(targets.size(), i + kPipelined);
    std::string requests;
    for (std::size_t k = i; k < end; ++k) requests += "GET " + targets[k] + " HTTP/1.1\r\n\r\n";
    client.send(requests);
    for (std::size_t k = i; k < end; ++k) {
      const Response response = client.read_response();
      if (response.status != 200) throw ClientError(targets[k] + ": " + response.status_line);
    }
  }
}

std::future<void> publish(const RunningServer& server, std::string publisher,
                          std::vector<std::string> cnames, std::size_t rounds) {
  std::vector<std::string> targets;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const std::string& cname : cnames) {
      targets.push_back("/push?cname=" + cname + "&content=" + publisher + "-" +
                        std::to_string(round));
    }
  }
  return std::async(std::launch::async, [&server, targets = std::move(targets)] {
    request_all(server.admin(), targets);
  });
}

// What one subscriber of a channel has seen: consecutive numbers, and each publisher's messages in
// the order of publishing.
class Witness {
 public:
  Witness(std::string cname, std::uint64_t next) : cname_(std::move(cname)), next_(next) {}

  [[nodiscard]] std::uint64_t next() const { return next_; }

  void see(const std::string& json) {
    const std::uint64_t seq = seq_of(json);
    if (seq != next_) {
      throw ClientError(cname_ + ": expected seq " + std::to_string(next_) + ", got " + json);
    }
    ++next_;
    const std::size_t start = json.find("\"content\":\"");
    const std::size_t dash = json.find('-', start);
    if (start == std::string::npos || dash == std::string::npos ||
        json.find("\"cname\":\"" + cname_ + "\"") == std::string::npos) {
      throw ClientError("not a message of " + cname_ + ": " + json);
    }
    auto& last = last_round_[json[dash - 1] == 'p' ? 0 : 1];
    const int round = std::stoi(json.substr(dash + 1));
    if (last && *last >= round) throw ClientError(cname_ + ": out of order: " + json);
    last = round;
  }

 private:
  std::string cname_;
  std::uint64_t next_;
  std::optional<int> last_round_[2];
};

struct Reader {
  Reader(const RunningServer& server, const std::string& cname, const Endless& transport_)
      : transport(&transport_),
        subscription(std::in_place, server, transport_, "seq=1&cname=" + cname),
        witness(cname, 1) {}

  void read_until_seq(std::uint64_t last) {
    while (witness.next() <= last) witness.see(subscription->next());
  }

  void come_back(const RunningServer& server, const std::string& cname) {
    subscription.reset();
    subscription.emplace(server, *transport,
                         "cname=" + cname + "&seq=" + std::to_string(witness.next()));
  }

  const Endless* transport;
  std::optional<Subscription> subscription;
  Witness witness;
};

TEST_P(CoresTest, EverySubscriberSeesEveryMessageOnceAndInOrder) {
  const RunningServer own(deep());
  const std::vector<std::string> cnames{"a", "b", "c", "d", "e"};
  constexpr std::size_t kRounds = 200;
  constexpr std::uint64_t kLast = 2 * kRounds;
  const auto cname_of = [&cnames](std::size_t i) { return cnames[i % cnames.size()]; };
  const auto transport_of = [](std::size_t i) -> const Endless& {
    return endless_transports()[i / 5 % 3];
  };

  std::vector<Reader> readers;
  for (std::size_t i = 0; i < 40; ++i) readers.emplace_back(own, cname_of(i), transport_of(i));
  std::future<void> p = publish(own, "p", cnames, kRounds);
  std::future<void> q = publish(own, "q", cnames, kRounds);
  for (std::size_t i = 40; i < 80; ++i) readers.emplace_back(own, cname_of(i), transport_of(i));
  // Some leave in the middle, with or without having read all that was sent to them.
  for (std::size_t i = 0; i < readers.size(); i += 3) {
    readers[i].read_until_seq(i % 2 == 0 ? 20 : 0);
    readers[i].come_back(own, cname_of(i));
  }
  for (Reader& reader : readers) reader.read_until_seq(kLast);
  p.get();
  q.get();
  own.await_totals(cnames.size(), readers.size());
  for (const std::string& cname : cnames) own.await_subscribers(cname, 16);

  // And nothing more than that: the next message is the next thing they see.
  for (const std::string& cname : cnames) own.push(cname, "p-1000000");
  for (Reader& reader : readers) reader.read_until_seq(kLast + 1);

  // Half leaves properly, half by reset.
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (i % 2 == 0) readers[i].subscription->client().reset();
    readers[i].subscription.reset();
  }
  own.await_totals(cnames.size(), 0);
}

TEST_P(CoresTest, OneBusyChannelReaches64Subscribers) {
  const RunningServer own(deep());
  constexpr std::size_t kRounds = 500;
  std::vector<Reader> readers;
  for (int i = 0; i < 32; ++i) readers.emplace_back(own, "a", stream_transport());
  std::future<void> p = publish(own, "p", {"a"}, kRounds);
  std::future<void> q = publish(own, "q", {"a"}, kRounds);
  for (int i = 0; i < 32; ++i) readers.emplace_back(own, "a", stream_transport());
  // Those who ask for no history get the number they start at.
  std::vector<std::pair<Subscription, Witness>> from_now;
  for (int i = 0; i < 8; ++i) {
    Subscription subscription(own, "cname=a");
    const std::string first = subscription.next();
    EXPECT_EQ(first, next_seq("a", seq_of(first)));
    from_now.emplace_back(std::move(subscription), Witness("a", seq_of(first)));
  }
  for (Reader& reader : readers) reader.read_until_seq(2 * kRounds);
  for (auto& [subscription, witness] : from_now) {
    while (witness.next() <= 2 * kRounds) witness.see(subscription.next());
  }
  p.get();
  q.get();
  own.await_totals(1, readers.size() + from_now.size());
}

TEST_P(CoresTest, PollersSeeEveryMessageOnceAndInOrder) {
  const RunningServer own(deep());
  constexpr std::size_t kRounds = 150;
  std::vector<std::future<void>> pollers;
  for (int i = 0; i < 6; ++i) {
    pollers.push_back(std::async(std::launch::async, [&own] {
      Client client = own.front();
      Witness witness("a", 1);
      for (std::size_t asked = 0; witness.next() <= 2 * kRounds; ++asked) {
        if (asked % 10 == 9) client = own.front();  // perhaps on another core
        client.get("/sub?cname=a&seq=" + std::to_string(witness.next()));
        std::string body = client.read_response().body;
        for (std::size_t start = 0;;) {
          const std::size_t end = body.find('}', start);
          if (end == std::string::npos) break;
          witness.see(body.substr(start, end + 1 - start));
          start = end + 1;
        }
      }
    }));
  }
  std::future<void> p = publish(own, "p", {"a"}, kRounds);
  std::future<void> q = publish(own, "q", {"a"}, kRounds);
  for (auto& poller : pollers) poller.get();
  p.get();
  q.get();
  own.await_totals(1, 0);
}

TEST_P(CoresTest, BroadcastsAndPushesShareEachChannelsNumbering) {
  const RunningServer own(deep());
  std::vector<std::pair<std::string, Subscription>> subscribers;
  std::vector<std::string> cnames;
  for (int i = 0; i < 12; ++i) {
    cnames.push_back("c" + std::to_string(i));
    for (int n = 0; n < 2; ++n) {
      subscribers.emplace_back(cnames.back(), Subscription(own, "seq=1&cname=" + cnames.back()));
    }
    own.await_subscribers(cnames.back(), 2);  // it exists from here on
  }
  constexpr std::size_t kEach = 50;
  auto pushes = publish(own, "p", cnames, kEach);
  auto broadcasts = std::async(std::launch::async, [&own] {
    request_all(own.admin(), std::vector<std::string>(kEach, "/broadcast?content=all"));
  });
  for (auto& [cname, subscription] : subscribers) {
    std::size_t pushed = 0;
    for (std::uint64_t seq = 1; seq <= 2 * kEach; ++seq) {
      const std::string json = subscription.next();
      if (json == message("broadcast", cname, seq, "all")) {
        ASSERT_EQ(subscription.next(), next_seq(cname, seq + 1));
      } else {
        ASSERT_EQ(json, data(cname, seq, "p-" + std::to_string(pushed++)));
      }
    }
    EXPECT_EQ(pushed, kEach);
  }
  pushes.get();
  broadcasts.get();
}

TEST_P(CoresTest, ChannelsThatAreClosedWhileTheyAreUsedEndTheirSubscribers) {
  const RunningServer own(deep());
  {
    std::atomic<bool> done = false;
    // As many as one part of the history has: who still fetches another when the channel is closed
    // does not get it.
    constexpr int kPushesMax = 300;
    std::atomic<int> pushes = 0;
    const auto keep_asking = [&](const char* target, auto&& before, auto&& after) {
      return std::async(std::launch::async, [&own, &done, target, before, after] {
        Client client = own.admin();
        while (!done) {
          if (!before()) continue;
          client.get(target);
          client.read_response();
          after();
        }
      });
    };
    std::vector<std::future<void>> busy;
    busy.push_back(keep_asking(
        "/close?cname=a", [] { return true; }, [&] { pushes = 0; }));
    busy.push_back(keep_asking(
        "/push?cname=a&content=x", [&] { return pushes < kPushesMax; }, [&] { ++pushes; }));
    const absl::Cleanup stop = [&done] { done = true; };
    for (int round = 0; round < 60; ++round) {
      Subscription subscription(own, "seq=1&cname=a");
      // Consecutive numbers up to the close, whose number is the next one.
      std::uint64_t seq = 1;
      std::string json = subscription.next();
      for (; json.find("\"data\"") != std::string::npos; json = subscription.next()) {
        ASSERT_EQ(json, data("a", seq, "x"));
        ++seq;
      }
      ASSERT_EQ(json, message("close", "a", seq, ""));
      subscription.expect_last_chunk();
    }
  }
  const int status = own.admin_get("/close?cname=a").status;
  EXPECT_TRUE(status == 200 || status == 404) << status;
  own.await_totals(0, 0);
}

TEST_P(CoresTest, SubscribersThatComeAndGoAreCountedExactly) {
  const RunningServer own(deep());
  std::vector<std::future<void>> crowds;
  for (int crowd = 0; crowd < 3; ++crowd) {
    crowds.push_back(std::async(std::launch::async, [&own, crowd] {
      for (int round = 0; round < 60; ++round) {
        Subscription subscription(own, "cname=c" + std::to_string(round % 4));
        if (round % 3 == crowd) subscription.client().reset();
        Client poll = own.front();
        poll.get("/poll?cname=c" + std::to_string(round % 4) + "&seq=1");
        if (round % 3 != crowd) poll.reset();
      }
    }));
  }
  for (auto& crowd : crowds) crowd.get();
  own.await_totals(4, 0);
  for (int i = 0; i < 4; ++i) own.await_subscribers("c" + std::to_string(i), 0);
}

}  // namespace
}  // namespace support
