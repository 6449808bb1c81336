// Restarts: what is kept over a graceful stop, what a crash leaves, what a start refuses.
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/server_test.h"
#include "tests/support/temp_folder.h"

namespace support {
namespace {

class StateTest : public ServerTest {
 protected:
  [[nodiscard]] comet::Config kept() const { return kept_by(config().reactors); }
  [[nodiscard]] comet::Config kept_by(std::size_t reactors) const {
    comet::Config kept = loopback_config(reactors);
    kept.state_file = path_;
    kept.state_interval_s = 0;
    return kept;
  }

  TempFolder folder_;
  std::string path_ = folder_.file("state");
};
RUN_WITH_1_2_AND_4_REACTORS(StateTest);

TEST_P(StateTest, ChannelsAndTheirMessagesOutlastAGracefulStop) {
  {
    RunningServer first(kept());
    for (int i = 0; i < 20; ++i) {
      const std::string name = "c" + std::to_string(i);
      first.push(name, "one");
      first.push(name, "two \" \n");
    }
    first.broadcast("all");
    first.stop();
  }
  for (const std::size_t reactors : {1u, 3u}) {
    RunningServer next(kept_by(reactors));
    for (int i = 0; i < 20; ++i) {
      const std::string name = "c" + std::to_string(i);
      Subscription subscription(next, "cname=" + name + "&seq=1");
      EXPECT_EQ(subscription.next(), data(name, 1, "one"));
      EXPECT_EQ(subscription.next(), data(name, 2, "two \\\" \\n"));
      EXPECT_EQ(subscription.next(), message("broadcast", name, 3, "all"));
      EXPECT_EQ(subscription.next(), next_seq(name, 4));
    }
    next.stop();
  }
  RunningServer last(kept());
  Subscription subscription(last, "cname=c7&seq=4");
  last.push("c7", "new");
  EXPECT_EQ(subscription.next(), data("c7", 4, "new"));
}

TEST_P(StateTest, TokensOutlastAGracefulStop) {
  comet::Config config = kept();
  config.front.auth = comet::Auth::kToken;
  std::string token;
  {
    RunningServer first(config);
    token = first.token("a");
    first.stop();
  }
  RunningServer second(config);
  EXPECT_EQ(second.token("a"), token);
  Subscription subscription(second, "cname=a&seq=1&token=" + token);
  second.push("a", "one");
  EXPECT_EQ(subscription.next(), data("a", 1, "one"));
}

TEST_P(StateTest, ASmallerBufferKeepsTheNewest) {
  {
    RunningServer first(kept());
    for (int i = 1; i <= 5; ++i) first.push("a", std::to_string(i));
    first.stop();
  }
  comet::Config small = kept();
  small.front.channel_buffer_size = 2;
  RunningServer second(small);
  Subscription subscription(second, "cname=a&seq=1");
  EXPECT_EQ(subscription.next(), data("a", 4, "4"));
  EXPECT_EQ(subscription.next(), data("a", 5, "5"));
}

TEST_P(StateTest, NoMoreChannelsComeBackThanMayExist) {
  {
    RunningServer first(kept());
    for (int i = 0; i < 10; ++i) first.push("c" + std::to_string(i), "x");
    first.stop();
  }
  comet::Config small = kept();
  small.front.max_channels = 4;
  RunningServer second(small);
  second.await_totals(4, 0);
}

TEST_P(StateTest, WithoutAStateFileNothingIsKept) {
  comet::Config config = kept();
  config.state_file.clear();
  {
    RunningServer first(config);
    first.push("a", "one");
    first.stop();
  }
  RunningServer second(config);
  second.await_totals(0, 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_P(StateTest, ADamagedStateIsRefusedUntilItIsIgnored) {
  {
    RunningServer first(kept());
    first.push("a", "one");
    first.stop();
  }
  std::ofstream(path_, std::ios::app) << "x";
  const auto refused = comet::Server::start(kept());
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().find("is damaged"), std::string::npos) << refused.error();
  EXPECT_NE(refused.error().find("--ignore-state"), std::string::npos) << refused.error();
  {
    RunningServer ignoring(kept(), comet::StateUse::kPutAside);
    ignoring.await_totals(0, 0);
    Subscription subscription(ignoring, "cname=a&seq=2");
    EXPECT_GT(seq_of(subscription.next()), 65'536u) << "the ledger is not forgotten";
    ignoring.push("b", "x");
    ignoring.stop();
  }
  int aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    if (entry.path().filename().string().starts_with("state.ignored-")) ++aside;
  }
  EXPECT_EQ(aside, 1);
  RunningServer(kept()).await_totals(2, 0);
}

TEST_P(StateTest, AStateThatAnotherServerUsesIsRefused) {
  RunningServer first(kept());
  const auto second = comet::Server::start(kept());
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().find("its server is still running"), std::string::npos);
}

}  // namespace
}  // namespace support
