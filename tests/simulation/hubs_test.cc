// Several hubs under a seeded scheduler: no subscriber ever sees a gap, a repeat or a wrong order.
//
// Each seed is a server of 1, 2, 3 or 8 cores that lives through some hundred random events. A
// model of one paragraph says what every subscriber must have received: a channel is a list of
// messages, and whoever joins gets it from its start on. COMET_SIM_SEED runs one seed,
// COMET_SIM_SEEDS sets how many there are.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/support/hub_world.h"

namespace comet {
namespace {

using support::Event;
using support::HubWorld;
using support::kEverything;
using support::MemorySession;
using support::Transcript;
using Verb = Command::Verb;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// --- The model --------------------------------------------------------------------------------

struct Published {
  Message::Type type;
  std::string content;
};

// A channel from its creation until it is closed or expires.
struct Incarnation {
  std::string name;
  std::vector<Published> messages;  // the first has number 1
  std::uint64_t cleared = 1;        // older ones are forgotten
  std::uint64_t touched_ms = 0;
  std::uint64_t lives_ms = 0;  // at least that long after it was touched
  std::optional<Token> token;
  bool closed = false;

  [[nodiscard]] std::uint64_t next() const { return messages.size() + 1; }
  [[nodiscard]] std::uint64_t oldest(std::uint64_t buffer) const {
    return std::max(cleared, next() - std::min(buffer, next() - 1));
  }
};

enum class Admission { kUnknown, kIn, kFull, kPerhapsFull, kTooManyChannels, kTokenError };

struct Peer {
  std::size_t core = 0;
  std::uint32_t session = 0;
  SubscribeRequest request;
  Admission admission = Admission::kUnknown;
  std::shared_ptr<Incarnation> channel;
  std::uint64_t start = 0;      // the first number that it gets
  std::uint64_t joined_at = 0;  // the next number when its home let it in
  bool tell_next = false;
  bool excused = false;  // it died or left: what it got need not be complete
};

struct Question {
  Verb verb;
  std::string name;
  std::string content;
  std::uint32_t expires_s;
};

constexpr std::uint32_t kInspectId = 0xffffffff;
constexpr std::uint32_t kBroadcastId = 0xfffffffe;
constexpr std::uint32_t kCountId = 0xfffffffd;
constexpr std::uint32_t kLongestRestUs = 5000;

class Simulation {
 public:
  explicit Simulation(std::uint32_t seed)
      : random_(seed), world_(settings_of(seed), std::array{1u, 2u, 3u, 8u}[seed % 4]) {
    for (const char* name : {"a", "b\\u0001", "c</script>", "d", "e", "f"}) names_.push_back(name);
    names_.resize(1 + below(names_.size()));
    // A name stands in JSON as it is pushed here: unescaped where the server is told, see raw().
    world_.before_receive = [this](std::size_t from, std::size_t to,
                                   const HubWorld::Envelope& envelope) {
      before_receive(from, to, envelope);
    };
    world_.after_receive = [this](std::size_t, std::size_t to) {
      if (broadcast_) model_broadcast(to, *std::exchange(broadcast_, std::nullopt));
    };
    world_.on_answer_given = [this](const Answer& answer) { answered(answer); };
    for (std::size_t core = 0; core < world_.cores(); ++core) {
      world_.wire(core).on_answer = [this](const Answer& answer) { answered(answer); };
    }
  }

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      const std::size_t core = below(world_.cores());
      act(core);
      world_.hub(touched_).validate();
      if (step == steps / 2) settle_and_check();
    }
    settle_and_check();
    everybody_leaves();
  }

 private:
  static HubSettings settings_of(std::uint32_t seed) {
    std::mt19937 random(seed + 1'000'000);
    const auto one_of = [&random](auto... values) {
      const std::array all{values...};
      return all[random() % all.size()];
    };
    HubSettings settings = support::hub_settings();
    settings.channel_buffer_size = one_of(0u, 1u, 3u, 8u, 100u, 100u);
    settings.backlog_messages_max = one_of(1u, 2u, 8u, 8192u, 8192u);
    settings.backlog_bytes_max = one_of(200u, 4000u, 1u << 20);
    settings.polling_timeout_ms = 5000;
    settings.coalesce_us = one_of(0u, 500u, kLongestRestUs);
    settings.coalesce_us_per_seat = 100;
    settings.channel_timeout_ms = one_of(300u, 8000u);
    settings.auth = one_of(Auth::kNone, Auth::kNone, Auth::kNone, Auth::kToken);
    settings.max_channels = one_of(1000u, 1000u, 2u);
    settings.max_subscribers_per_channel = one_of(1000u, 1000u, 3u);
    return settings;
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  // What the server is told, where names_ holds the escaped form.
  static std::string raw(const std::string& name) { return replaced(name, "\\u0001", "\x01"); }

  // --- The scheduler

  void act(std::size_t core) {
    touched_ = core;
    const std::size_t dice = below(1000);
    if (dice < 350) {
      const std::size_t lanes = world_.lanes_with_mail();
      if (lanes > 0) world_.deliver_nth(below(lanes));
    } else if (dice < 500) {
      world_.end_turn(core);
      notice_expired(core);
    } else if (dice < 660) {
      command(core, Verb::kPublish);
    } else if (dice < 675) {
      broadcast(core);
    } else if (dice < 800) {
      subscribe(core);
    } else if (dice < 870) {
      if (Peer* peer = any_listening()) {
        touched_ = peer->core;
        const std::size_t bytes = chance(25) ? kEverything : below(300);
        world_.grant(peer->session, bytes, peer->core);
      }
    } else if (dice < 890) {
      if (Peer* peer = any_listening()) session(*peer).room = below(100);
    } else if (dice < 910) {
      if (Peer* peer = any_listening()) depart(*peer);
    } else if (dice < 920) {
      command(core, Verb::kClose);
    } else if (dice < 930) {
      command(core, Verb::kClear);
    } else if (dice < 950) {
      command(core, Verb::kSign);
    } else if (dice < 960) {
      for (std::size_t i = 0; i < world_.cores(); ++i) {
        world_.wire(i).backlog_of_every_core = chance(20) ? 100'000 : 0;
      }
    } else if (dice < 990) {
      world_.advance_ms(below(200));
    } else {
      world_.advance_ms(below(12'000));
    }
  }

  void subscribe(std::size_t core) {
    auto peer = std::make_unique<Peer>();
    peer->core = core;
    SubscribeRequest request;
    const std::string* name = &names_[below(names_.size())];
    if (!repolls_.empty() && chance(70)) {
      const std::size_t which = below(repolls_.size());
      name = repolls_[which].first;
      request.wanted = repolls_[which].second;
      repolls_.erase(repolls_.begin() + static_cast<std::ptrdiff_t>(which));
      request.framing.transport = Transport::kPoll;
    } else {
      constexpr std::array kAll{Transport::kStream, Transport::kIframe, Transport::kSse,
                                Transport::kPoll};
      request.framing.transport = kAll[below(kAll.size())];
      const std::shared_ptr<Incarnation> channel = living(*name);
      const auto next = static_cast<std::int64_t>(channel ? channel->next() : 1);
      const std::array<std::int64_t, 7> wishes{0, 1, next, next + 1, next - 1, next - 2, next + 50};
      request.wanted = std::max<std::int64_t>(0, wishes[below(wishes.size())]);
    }
    request.framing.chunked = chance(80);
    request.keep_alive = chance(80);
    request.noop = static_cast<std::int64_t>(below(3)) * 7;
    request.name = world_.named(raw(*name));
    if (request.framing.transport == Transport::kPoll && chance(50)) {
      request.poll = {true, "parent.cb[1]"};
    }
    if (world_.settings().auth == Auth::kToken && chance(90)) {
      const std::shared_ptr<Incarnation> channel = living(*name);
      request.has_token = true;
      if (channel && channel->token && chance(90)) request.token = *channel->token;
    }
    peer->request = request;
    if (request.framing.transport == Transport::kPoll) peer->request.poll = request.poll;
    names_of_[peer.get()] = name;

    Peer& added = *peer;
    peers_.push_back(std::move(peer));
    const std::size_t home = world_.home_of(raw(*name));
    if (home == core) model_join(added, home);
    world_.tag = peers_.size();
    const std::size_t room = chance(60) ? kEverything : below(400);
    added.session = world_.subscribe(std::move(request), core, room);
    world_.tag = 0;
  }

  void depart(Peer& peer) {
    touched_ = peer.core;
    peer.excused = true;
    switch (below(3)) {
      case 0:
        world_.leave(peer.session, peer.core);
        break;
      case 1:
        session(peer).gone = true;
        break;
      default:
        world_.half_close(peer.session, peer.core);
        break;
    }
  }

  void command(std::size_t core, Verb verb) {
    Question question{verb, names_[below(names_.size())], {}, 0};
    if (verb == Verb::kPublish) question.content = new_content();
    if (verb == Verb::kSign && chance(50)) question.expires_s = 20;
    const auto id = static_cast<std::uint32_t>(questions_.size());
    questions_.push_back(question);
    given_.push_back(false);
    world_.command(verb, raw(question.name), question.content, core, question.expires_s, id);
  }

  void broadcast(std::size_t core) {
    const std::string content = new_content();
    refused_ = false;
    world_.broadcast(content, core, kBroadcastId);
    if (!refused_) model_broadcast(core, content);  // this core's own channels got it at once
  }

  std::string new_content() {
    std::string content = "m" + std::to_string(++contents_);
    if (chance(30)) content += "</script>\\n\\\"";
    if (chance(20)) content.append(below(500), '.');
    return content;
  }

  Peer* any_listening() {
    for (int tries = 0; tries < 8 && !peers_.empty(); ++tries) {
      Peer& peer = *peers_[peers_.size() - 1 - below(std::min<std::size_t>(peers_.size(), 60))];
      if (session(peer).listening) return &peer;
    }
    return nullptr;
  }

  MemorySession& session(const Peer& peer) { return world_.session(peer.session, peer.core); }

  // --- The model follows what reaches each home

  std::shared_ptr<Incarnation> living(const std::string& name) {
    const auto found = living_.find(name);
    return found == living_.end() ? nullptr : found->second;
  }

  std::shared_ptr<Incarnation> living_or_new(const std::string& name) {
    std::shared_ptr<Incarnation>& channel = living_[name];
    if (channel == nullptr) {
      channel = std::make_shared<Incarnation>();
      channel->name = name;
      channel->touched_ms = world_.now_ms();
      channel->lives_ms = world_.settings().channel_timeout_ms;
    }
    return channel;
  }

  std::uint64_t subscribers_at_home(const std::string& name, std::size_t home) {
    world_.command(Verb::kInspect, raw(name), {}, home, 0, kInspectId);
    return inspected_.subscribers;
  }

  void before_receive(std::size_t from, std::size_t to, const HubWorld::Envelope& envelope) {
    touched_ = to;
    if (std::holds_alternative<Join>(envelope.message)) {
      Peer& peer = *peers_.at(envelope.tag - 1);
      EXPECT_EQ(peer.core, from);
      model_join(peer, to);
    } else if (const auto* survey = std::get_if<Survey>(&envelope.message)) {
      if (survey->kind == Survey::Kind::kBroadcast) {
        broadcast_ = std::string(survey->message->content());
      }
    }
  }

  void model_join(Peer& peer, std::size_t home) {
    EXPECT_EQ(peer.admission, Admission::kUnknown);
    const std::string& name = *names_of_[&peer];
    const HubSettings& settings = world_.settings();
    std::shared_ptr<Incarnation> channel = living(name);
    if (settings.auth == Auth::kToken) {
      const bool right = channel && channel->token && peer.request.has_token &&
                         channel->token->bytes == peer.request.token.bytes;
      if (!right) {
        peer.admission = Admission::kTokenError;
        return;
      }
    }
    if (!channel && world_.channel_count() >= settings.max_channels) {
      peer.admission = Admission::kTooManyChannels;
      return;
    }
    peer.admission = Admission::kIn;
    if (channel && subscribers_at_home(name, home) >= settings.max_subscribers_per_channel) {
      // From its own core it takes those who left with it: there may be room again.
      peer.admission = peer.core == home ? Admission::kPerhapsFull : Admission::kFull;
    }
    channel = living_or_new(name);
    const auto next = static_cast<std::int64_t>(channel->next());
    peer.channel = channel;
    peer.joined_at = channel->next();
    peer.tell_next = peer.request.wanted == 0 || peer.request.wanted > next;
    peer.start = peer.tell_next ? channel->next()
                                : std::max(static_cast<std::uint64_t>(peer.request.wanted),
                                           channel->oldest(settings.channel_buffer_size));
  }

  void model_broadcast(std::size_t home, const std::string& content) {
    for (auto& [name, channel] : living_) {
      if (world_.home_of(raw(name)) != home) continue;
      channel->messages.push_back({Message::Type::kBroadcast, content});
      channel->touched_ms = world_.now_ms();
    }
  }

  // At the home that gives the answer; a second time, where it was remote, on arrival.
  void answered(const Answer& answer) {
    if (answer.session.index == kInspectId) inspected_ = answer;
    if (answer.session.index == kCountId) counted_ = answer;
    if (answer.session.index == kBroadcastId) refused_ = answer.outcome == Outcome::kOverloaded;
    if (answer.session.index >= questions_.size()) return;
    if (given_[answer.session.index]) return;
    given_[answer.session.index] = true;
    const Question& question = questions_[answer.session.index];
    std::shared_ptr<Incarnation> channel = living(question.name);
    const std::uint64_t next = channel ? channel->next() : 1;
    if (answer.outcome == Outcome::kOverloaded) return;
    if (answer.outcome == Outcome::kTooManyChannels) {
      EXPECT_EQ(channel, nullptr);
      EXPECT_GE(world_.channel_count(), world_.settings().max_channels);
      return;
    }
    if (answer.outcome == Outcome::kUnknownChannel) {
      EXPECT_EQ(channel, nullptr);
      EXPECT_TRUE(question.verb == Verb::kClose || question.verb == Verb::kClear);
      return;
    }
    switch (question.verb) {
      case Verb::kPublish:
        EXPECT_EQ(answer.seq, next);
        channel = living_or_new(question.name);
        channel->messages.push_back({Message::Type::kData, question.content});
        channel->touched_ms = world_.now_ms();
        break;
      case Verb::kSign:
        channel = living_or_new(question.name);
        EXPECT_EQ(answer.seq, channel->oldest(world_.settings().channel_buffer_size));
        if (channel->token) {
          EXPECT_EQ(channel->token->bytes, answer.token.bytes);
        }
        channel->token = answer.token;
        channel->touched_ms = world_.now_ms();
        channel->lives_ms = std::min<std::uint64_t>(channel->lives_ms, answer.expires_s * 1000);
        break;
      case Verb::kClose:
        ASSERT_NE(channel, nullptr);
        EXPECT_EQ(answer.seq, next);
        channel->closed = true;
        living_.erase(question.name);
        break;
      case Verb::kClear:
        ASSERT_NE(channel, nullptr);
        EXPECT_EQ(answer.seq, next);
        channel->cleared = next;
        break;
      case Verb::kInspect:
        break;
    }
  }

  void notice_expired(std::size_t core) {
    for (auto it = living_.begin(); it != living_.end();) {
      const std::shared_ptr<Incarnation> channel = it->second;
      if (world_.home_of(raw(channel->name)) != core) {
        ++it;
        continue;
      }
      world_.command(Verb::kInspect, raw(channel->name), {}, core, 0, kInspectId);
      if (inspected_.outcome == Outcome::kOk) {
        EXPECT_EQ(inspected_.seq, channel->next());
        ++it;
        continue;
      }
      EXPECT_GE(world_.now_ms(), channel->touched_ms + channel->lives_ms) << "forgotten too soon";
      for (const auto& peer : peers_) {
        const bool in = peer->admission == Admission::kIn && session(*peer).listening;
        EXPECT_FALSE(in && peer->channel == channel) << "forgotten with a subscriber";
      }
      it = living_.erase(it);
    }
  }

  // --- What must be true

  void settle_and_check() {
    if (testing::Test::HasFailure()) return;
    for (std::size_t core = 0; core < world_.cores(); ++core) {
      world_.wire(core).backlog_of_every_core = 0;
    }
    for (const auto& peer : peers_) world_.grant(peer->session, kEverything, peer->core);
    settle();
    std::uint64_t broken = 0;
    std::size_t listening = 0;
    for (const auto& peer : peers_) {
      check(*peer);
      const MemorySession& session = this->session(*peer);
      if (session.listening) ++listening;
      if (session.ended == Ending::kBroken && !peer->excused) ++broken;
    }
    std::uint64_t lapped = 0;
    for (std::size_t core = 0; core < world_.cores(); ++core) {
      lapped += world_.hub(core).counters().lapped;
    }
    EXPECT_LE(broken, lapped) << "a connection was broken off for no reason";
    if (world_.settings().backlog_messages_max > 1000 &&
        world_.settings().backlog_bytes_max >= 1u << 20) {
      EXPECT_EQ(lapped, 0u);
    }
    counted_.reset();
    world_.hub(0).count({kCountId, 0});
    settle();
    ASSERT_TRUE(counted_.has_value());
    EXPECT_EQ(counted_->channels, living_.size());
    EXPECT_EQ(counted_->subscribers, listening);
    EXPECT_EQ(world_.channel_count(), living_.size());
    // Those who are done need not be looked at again.
    std::erase_if(peers_, [&](const auto& peer) { return !this->session(*peer).listening; });
  }

  // Everything that is under way; the model must hear of what expires at once.
  void settle() {
    settle_now();
    // Those who rest after a pass get what came meanwhile.
    world_.advance_us(kLongestRestUs);
    settle_now();
    world_.validate();
  }

  void settle_now() {
    bool more = true;
    while (more) {
      while (world_.mail() > 0) world_.deliver_nth(below(world_.lanes_with_mail()));
      more = false;
      for (std::size_t core = 0; core < world_.cores(); ++core) {
        more = world_.end_turn(core) || more;
        notice_expired(core);
      }
      more = more || world_.mail() > 0;
    }
  }

  void check(const Peer& peer) {
    const MemorySession& session = this->session(peer);
    SCOPED_TRACE(testing::Message()
                 << "session " << peer.session << " of core " << peer.core << ", channel "
                 << *names_of_[&peer] << ", seq " << peer.request.wanted << ", transport "
                 << row_of(peer.request.framing.transport).name << ", start " << peer.start
                 << (peer.excused ? ", excused" : "") << ", received:\n"
                 << session.received);
    if (peer.request.framing.transport == Transport::kPoll) {
      check_poll(peer, session);
    } else {
      check_endless(peer, session);
    }
  }

  [[nodiscard]] std::string in_json(const Peer& peer, std::string text) const {
    if (peer.request.framing.transport != Transport::kIframe) return text;
    return replaced(std::move(text), "</", "<\\/");
  }

  bool check_refusal(const Peer& peer, const std::vector<Event>& events) {
    std::string type = "429";
    std::string content = "Too many subscribers";
    if (peer.admission == Admission::kTooManyChannels) content = "Too many channels";
    if (peer.admission == Admission::kTokenError) {
      type = "401";
      content = "Token error";
    }
    const std::string name = in_json(peer, *names_of_[&peer]);
    if (peer.admission == Admission::kIn) return false;
    if (peer.admission == Admission::kPerhapsFull && (events.empty() || events[0].type != type)) {
      return false;
    }
    EXPECT_EQ(events, (std::vector<Event>{{type, name, 0, content}}));
    return true;
  }

  // Follows what a subscriber got: from its start on, in order, none missing, none twice.
  struct Follower {
    const Peer& peer;
    std::string name;
    std::uint64_t next;
    bool broadcast = false;  // its next_seq is due

    void follow(const Event& event, const std::string& content) {
      if (broadcast) {
        broadcast = false;
        EXPECT_EQ(event, (Event{"next_seq", name, static_cast<std::int64_t>(next), ""}));
        return;
      }
      ASSERT_LT(next, peer.channel->next()) << "a message that nobody published";
      const Published& published = peer.channel->messages[next - 1];
      broadcast = published.type == Message::Type::kBroadcast;
      EXPECT_EQ(event, (Event{broadcast ? "broadcast" : "data", name,
                              static_cast<std::int64_t>(next), content}));
      ++next;
    }
  };

  [[nodiscard]] std::string content_of(const Peer& peer, std::uint64_t seq) const {
    if (seq >= peer.channel->next()) return "?";
    return in_json(peer, peer.channel->messages[seq - 1].content);
  }

  void check_endless(const Peer& peer, const MemorySession& session) {
    const Transcript transcript = support::read_endless(session.received, peer.request.framing);
    EXPECT_EQ(transcript.error, "");
    const bool complete = session.ended == Ending::kComplete;
    const bool whole = session.listening || complete;
    if (whole && !peer.excused) {
      EXPECT_TRUE(transcript.head.starts_with("HTTP/1.1 200 OK\r\n"));
      EXPECT_EQ(transcript.tail, "");
      EXPECT_EQ(transcript.last_chunk, complete && peer.request.framing.chunked);
    }
    if (transcript.events.empty() && peer.excused) return;
    if (check_refusal(peer, transcript.events)) {
      EXPECT_FALSE(session.listening);
      return;
    }
    ASSERT_NE(peer.channel, nullptr);
    Follower follower{peer, in_json(peer, *names_of_[&peer]), peer.start};
    std::int64_t noop = peer.request.noop;
    bool told = !peer.tell_next;
    bool closed = false;
    for (const Event& event : transcript.events) {
      EXPECT_FALSE(closed) << "something behind close";
      const auto next = static_cast<std::int64_t>(follower.next);
      if (!told) {
        told = true;
        EXPECT_EQ(event, (Event{"next_seq", follower.name, next, ""}));
      } else if (event.type == "noop") {
        EXPECT_EQ(event, (Event{"noop", follower.name, noop++, ""}));
        EXPECT_FALSE(follower.broadcast);
      } else if (event.type == "close") {
        closed = true;
        EXPECT_EQ(event, (Event{"close", follower.name, next, ""}));
        EXPECT_TRUE(peer.channel->closed);
        EXPECT_EQ(follower.next, peer.channel->next());
      } else {
        follower.follow(event, content_of(peer, follower.next));
      }
      if (testing::Test::HasFailure()) return;
    }
    if (session.listening && !session.gone) {
      EXPECT_TRUE(told);
      EXPECT_FALSE(follower.broadcast);
      EXPECT_FALSE(peer.channel->closed) << "not told of the close";
      EXPECT_EQ(follower.next, peer.channel->next()) << "messages are missing";
    } else if (complete && !peer.excused) {
      EXPECT_TRUE(closed);
    }
  }

  void check_poll(const Peer& peer, const MemorySession& session) {
    if (session.received.empty()) {
      if (peer.excused) return;
      EXPECT_TRUE(session.listening);
      EXPECT_TRUE(peer.admission == Admission::kIn || peer.admission == Admission::kPerhapsFull);
      EXPECT_FALSE(peer.tell_next);
      EXPECT_FALSE(peer.channel->closed);
      EXPECT_EQ(peer.start, peer.channel->next());
      return;
    }
    const Transcript transcript = support::read_poll(session.received);
    if (transcript.error != "" && peer.excused) return;
    EXPECT_EQ(transcript.error, "");
    EXPECT_EQ(transcript.callback, peer.request.poll.callback);
    EXPECT_EQ(session.ended, Ending::kComplete);
    if (check_refusal(peer, transcript.events)) return;
    ASSERT_FALSE(transcript.events.empty());
    const std::string& name = *names_of_[&peer];
    const auto start = static_cast<std::int64_t>(peer.start);
    const Event& first = transcript.events[0];
    if (peer.tell_next) {
      EXPECT_EQ(transcript.events, (std::vector<Event>{{"next_seq", name, start, ""}}));
      EXPECT_FALSE(transcript.array);
      return;
    }
    if (first.type == "noop" || first.type == "close") {
      const bool is_noop = first.type == "noop";
      const std::int64_t seq = is_noop ? peer.request.noop : start;
      EXPECT_EQ(transcript.events, (std::vector<Event>{{first.type, name, seq, ""}}));
      EXPECT_FALSE(transcript.array);
      EXPECT_TRUE(is_noop || peer.channel->closed);
      EXPECT_EQ(peer.start, peer.joined_at) << "instead of what waited";
      return;
    }
    Follower follower{peer, name, peer.start};
    for (const Event& event : transcript.events) {
      follower.follow(event, content_of(peer, follower.next));
    }
    EXPECT_FALSE(follower.broadcast);
    const bool live = peer.start == peer.joined_at;
    EXPECT_EQ(transcript.array, !live || transcript.events.size() > 1);
    if (!live) {
      EXPECT_EQ(follower.next, peer.joined_at) << "all that waited, and nothing else";
    }
    if (!peer.excused && repolls_.size() < 20) {
      repolls_.emplace_back(names_of_[&peer], static_cast<std::int64_t>(follower.next));
    }
  }

  // Nothing is left behind.
  void everybody_leaves() {
    if (testing::Test::HasFailure()) return;
    for (const auto& peer : peers_) {
      if (session(*peer).listening) world_.leave(peer->session, peer->core);
    }
    settle();
    for (int i = 0; i < 3; ++i) {
      world_.advance_ms(25'000);
      settle();
    }
    EXPECT_EQ(world_.channel_count(), 0u);
    for (std::size_t core = 0; core < world_.cores(); ++core) {
      EXPECT_EQ(world_.hub(core).channels(), 0u);
      EXPECT_EQ(world_.hub(core).subscribers(), 0u);
      EXPECT_EQ(world_.hub(core).next_deadline_us(), std::nullopt);
    }
  }

  std::mt19937 random_;
  HubWorld world_;
  std::vector<std::string> names_;
  std::size_t touched_ = 0;
  std::map<std::string, std::shared_ptr<Incarnation>> living_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::map<const Peer*, const std::string*> names_of_;
  std::vector<std::pair<const std::string*, std::int64_t>> repolls_;
  std::vector<Question> questions_;
  std::vector<bool> given_;  // by question: the answer was given
  Answer inspected_;
  std::optional<Answer> counted_;
  bool refused_ = false;                  // the latest broadcast, for too much is under way
  std::optional<std::string> broadcast_;  // is being received
  std::uint64_t contents_ = 0;
};

volatile std::uint32_t running_seed = 0;

void say_seed(int) {
  std::fprintf(stderr, "COMET_SIM_SEED=%u fails\n", static_cast<unsigned>(running_seed));
}

std::uint32_t from_environment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

TEST(Hubs, NobodySeesAGapOrARepeatOrAWrongOrder) {
  const auto before = std::signal(SIGABRT, say_seed);
  const std::uint32_t only = from_environment("COMET_SIM_SEED", 0);
  const std::uint32_t first = only != 0 ? only : 1;
  const std::uint32_t last = only != 0 ? only : from_environment("COMET_SIM_SEEDS", 400);
  for (std::uint32_t seed = first; seed <= last; ++seed) {
    running_seed = seed;
    SCOPED_TRACE(testing::Message() << "COMET_SIM_SEED=" << seed);
    Simulation(seed).run(500);
    if (HasFailure()) break;
  }
  std::signal(SIGABRT, before);
}

}  // namespace
}  // namespace comet
