// What a home tells those who watch it, and when it stops.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "comet/home.h"
#include "tests/support/hub_world.h"

namespace comet {
namespace {

class HomePresenceTest : public testing::Test, private Outbox {
 protected:
  HomePresenceTest() : told_(settings_.cores), cuts_(settings_.cores) {}

  void sign(const std::string& name) {
    Command command;
    command.verb = Command::Verb::kSign;
    command.name = hash_.named(name);
    home_.command(std::move(command));
  }

  HubSettings settings_ = [] {
    HubSettings settings = support::hub_settings();
    settings.cores = 3;
    return settings;
  }();
  NameHash hash_{1, 2};
  ChannelCount count_{0};
  std::size_t congested_ = 99;     // a core
  std::vector<std::string> told_;  // by core: all lines
  std::vector<int> cuts_;          // by core
  Home home_{settings_, count_, *this, 1000};

 private:
  void send(std::size_t core, HubMessage&& message) override {
    if (const auto* line = std::get_if<Presence>(&message)) told_[core] += line->line->content();
    if (std::holds_alternative<PresenceCut>(message)) ++cuts_[core];
  }
  [[nodiscard]] bool congested(std::size_t core) const override { return core == congested_; }
};

TEST_F(HomePresenceTest, ACoreThatDoesNotKeepUpIsToldOnceThatItMissesLines) {
  home_.watch_presence(0, PresenceEvents::kChannels);
  home_.watch_presence(1, PresenceEvents::kChannels);
  home_.watch_presence(1, PresenceEvents::kSubscribers);
  sign("a");
  congested_ = 1;
  for (const char* name : {"b", "c", "d"}) sign(name);
  EXPECT_EQ(told_[0], "1 a\n1 b\n1 c\n1 d\n");
  EXPECT_EQ(told_[1], "1 a\n");
  EXPECT_EQ(cuts_, (std::vector<int>{0, 1, 0}));

  congested_ = 99;
  sign("e");
  EXPECT_EQ(told_[1], "1 a\n") << "a gap in the middle would not be seen";
  home_.watch_presence(1, PresenceEvents::kChannels);
  sign("f");
  EXPECT_EQ(told_[1], "1 a\n1 f\n");
}

TEST_F(HomePresenceTest, WhoComesAndGoesWhileACoreIsCutDisturbsNothing) {
  home_.watch_presence(1, PresenceEvents::kSubscribers);
  sign("a");
  Join join;
  join.name = hash_.named("a");
  home_.join(2, std::move(join));
  congested_ = 1;
  home_.tell_changes();
  EXPECT_EQ(cuts_[1], 1);
  EXPECT_FALSE(home_.has_changes());
  Command close;
  close.verb = Command::Verb::kClose;
  close.name = hash_.named("a");
  home_.command(std::move(close));
  EXPECT_EQ(cuts_[1], 1);
  home_.validate();
}

}  // namespace
}  // namespace comet
