#include "tests/simulation/script.h"

#include <algorithm>
#include <array>

#include "tests/support/hub_world.h"

namespace simulation {
namespace {

struct VerbRow {
  Verb verb;
  std::string_view name;
  unsigned weight;
};

constexpr std::array kVerbs{
    VerbRow{Verb::kDeliver, "deliver", 350},
    VerbRow{Verb::kEndTurn, "end turn", 150},
    VerbRow{Verb::kPublish, "publish", 160},
    VerbRow{Verb::kBroadcast, "broadcast", 15},
    VerbRow{Verb::kBatch, "batch", 15},
    VerbRow{Verb::kSubscribe, "subscribe", 90},
    VerbRow{Verb::kCrowd, "crowd", 2},
    VerbRow{Verb::kBundle, "bundle", 40},
    VerbRow{Verb::kAdd, "add", 20},
    VerbRow{Verb::kDrop, "drop", 12},
    VerbRow{Verb::kComeBack, "come back", 12},
    VerbRow{Verb::kPollAgain, "poll again", 40},
    VerbRow{Verb::kWatch, "watch", 5},
    VerbRow{Verb::kRead, "read", 70},
    VerbRow{Verb::kStall, "stall", 20},
    VerbRow{Verb::kDie, "die", 8},
    VerbRow{Verb::kLeave, "leave", 12},
    VerbRow{Verb::kHalfClose, "half-close", 8},
    VerbRow{Verb::kClose, "close", 10},
    VerbRow{Verb::kClear, "clear", 10},
    VerbRow{Verb::kSign, "sign", 20},
    VerbRow{Verb::kInspect, "inspect", 5},
    VerbRow{Verb::kJam, "jam", 10},
    VerbRow{Verb::kAdvance, "advance", 30},
    VerbRow{Verb::kLeap, "leap", 10},
    VerbRow{Verb::kDrain, "drain", 1},
    VerbRow{Verb::kReload, "reload", 2},
    VerbRow{Verb::kMemory, "memory", 4},
    VerbRow{Verb::kWrite, "write", 25},
    VerbRow{Verb::kDisk, "disk", 3},
    VerbRow{Verb::kRestart, "restart", 1},
    VerbRow{Verb::kCrash, "crash", 1},
    VerbRow{Verb::kSettle, "settle", 4},
};

// How those who are slow are treated.
void draw_pace(comet::HubSettings& settings, Dice& dice) {
  settings.backlog_messages_max = dice.one_of(std::array{1u, 2u, 8u, 8192u, 8192u});
  settings.backlog_bytes_max = dice.one_of(std::array{200u, 4000u, 1u << 20});
  settings.slow_subscriber =
      dice.chance(30) ? comet::SlowSubscriber::kSkip : comet::SlowSubscriber::kClose;
  settings.coalesce_us = dice.one_of(std::array{0u, 500u, kLongestRestUs});
  settings.polling_timeout_ms = dice.one_of(std::array{5000u, 5000u, 2000u});
}

// Who may come, and what is kept for them.
void draw_limits(comet::HubSettings& settings, Dice& dice) {
  settings.channel_buffer_size = dice.one_of(std::array{0u, 1u, 3u, 8u, 100u, 100u});
  settings.auth = dice.chance(25) ? comet::Auth::kToken : comet::Auth::kNone;
  settings.create_channels = dice.chance(90);
  settings.max_channels = dice.one_of(std::array{1000u, 1000u, 2u});
  settings.max_subscribers_per_channel = dice.one_of(std::array{1000u, 1000u, 3u});
  settings.max_channels_per_connection = dice.one_of(std::array{32u, 32u, 2u});
  settings.channel_timeout_ms = dice.one_of(std::array{300u, 8000u});
}

comet::HubSettings settings_of(Dice& dice) {
  comet::HubSettings settings = support::hub_settings();
  draw_pace(settings, dice);
  draw_limits(settings, dice);
  settings.coalesce_us_per_seat = 100;
  return settings;
}

// Each seed has its own mood, in which some things happen often and some not at all. What is rare
// on the whole meets what is rare on the whole that way ("swarm testing", Groce et al. 2012).
std::array<unsigned, kVerbs.size()> weights_of(Dice& dice) {
  std::array<unsigned, kVerbs.size()> weights{};
  for (std::size_t i = 0; i < kVerbs.size(); ++i) {
    const unsigned factor = dice.one_of(std::array{0u, 2u, 2u, 2u, 2u, 2u, 8u});
    const bool needed = kVerbs[i].verb == Verb::kDeliver || kVerbs[i].verb == Verb::kEndTurn ||
                        kVerbs[i].verb == Verb::kSubscribe || kVerbs[i].verb == Verb::kPublish;
    weights[i] = kVerbs[i].weight * (needed ? std::clamp(factor, 1u, 4u) : factor);
  }
  return weights;
}

}  // namespace

void reload(comet::HubSettings& settings, Dice& dice) {
  draw_pace(settings, dice);
  if (dice.chance(30)) draw_limits(settings, dice);
}

std::string_view name_of(Verb verb) { return kVerbs[static_cast<std::size_t>(verb)].name; }

Plan plan(std::uint64_t seed) {
  Dice dice(seed * 0xd1342543de82ef95);
  Plan plan;
  plan.cores = dice.one_of(std::array<std::size_t, 4>{1, 2, 3, 8});
  plan.channel_names = 1 + dice.below(6);
  plan.settings = settings_of(dice);
  plan.number_steps = {dice.one_of(std::array<std::uint64_t, 3>{8, 50, 10'000}),
                       dice.one_of(std::array<std::uint64_t, 3>{8, 50, 10'000})};
  plan.snapshot_interval_s = dice.one_of(std::array{0u, 1u, 1u, 5u});
  plan.longest_content = dice.one_of(std::array<std::size_t, 4>{0, 0, 0, 20'000});
  const auto weights = weights_of(dice);
  std::size_t all = 0;
  for (const unsigned weight : weights) all += weight;
  const std::size_t steps = 50 + dice.below(700);
  plan.script.reserve(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    std::size_t point = dice.below(all);
    std::size_t verb = 0;
    while (point >= weights[verb]) point -= weights[verb++];
    plan.script.push_back({kVerbs[verb].verb, dice.next()});
  }
  return plan;
}

}  // namespace simulation
