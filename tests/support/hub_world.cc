#include "tests/support/hub_world.h"

#include <gtest/gtest.h>

#include <utility>

namespace support {

comet::HubSettings hub_settings() {
  comet::HubSettings settings;
  settings.max_channels = 1000;
  settings.max_subscribers_per_channel = 10'000;
  settings.max_channels_per_connection = 32;
  settings.channel_buffer_size = 10;
  settings.channel_timeout_ms = 60'000;
  settings.polling_timeout_ms = 30'000;
  settings.backlog_messages_max = 64;
  settings.backlog_bytes_max = 1 << 20;
  settings.origin_headers = "Access-Control-Allow-Origin: *\r\n";
  settings.sse_retry_ms = 2000;
  return settings;
}

HubWorld::HubWorld(comet::HubSettings settings, std::size_t cores)
    : settings_(std::move(settings)) {
  make_cores(cores);
}

void HubWorld::restart(comet::HubSettings settings, std::size_t cores) {
  cores_.clear();
  lanes_.clear();
  settings_ = std::move(settings);
  make_cores(cores);
}

void HubWorld::make_cores(std::size_t cores) {
  settings_.cores = cores;
  lanes_.resize(cores * cores);
  for (std::size_t core = 0; core < cores; ++core) {
    cores_.push_back(std::make_unique<Core>());
    Core& made = *cores_.back();
    made.wire.on_post = [this, core, cores](std::size_t to, comet::HubMessage&& message) {
      ASSERT_LT(to, cores);
      ASSERT_NE(to, core) << "a hub posts to itself";
      if (const auto* answer = std::get_if<comet::Answer>(&message)) {
        if (on_answer_given) on_answer_given(*answer);
      }
      if (const auto* report = std::get_if<comet::PushReport>(&message)) {
        if (on_pushes_given) on_pushes_given(core, *report);
      }
      lane(core, to).push_back({std::move(message), tag});
      if (after_post) after_post(core, to);
    };
    comet::HubSettings own = settings_;
    own.core = core;
    made.hub = std::make_unique<comet::Hub>(std::move(own), channel_count_, made.wire, now_);
  }
}

void HubWorld::reconfigure(const comet::HubSettings& settings) {
  settings_ = settings;
  settings_.cores = cores();
  for (std::size_t core = 0; core < cores(); ++core) {
    comet::HubSettings own = settings_;
    own.core = core;
    hub(core).reconfigure(std::move(own));
  }
}

comet::Hub& HubWorld::hub(std::size_t core) {
  Core& chosen = *cores_[core];
  if (!chosen.begun || chosen.begun_us != now_.monotonic_us) {
    chosen.begun = true;
    chosen.begun_us = now_.monotonic_us;
    chosen.hub->begin_turn(now_);
    if (on_turn_begun) on_turn_begun(core);
  }
  return *chosen.hub;
}

void HubWorld::advance_us(std::uint64_t us) {
  now_.monotonic_us += us;
  now_.unix_s = 784'111'777 + static_cast<std::int64_t>((now_.monotonic_ms() - 1'000'000) / 1000);
}

std::string HubWorld::name_at_home(std::size_t core) const {
  for (int i = 0;; ++i) {
    std::string name = "c" + std::to_string(i);
    if (home_of(name) == core) return name;
  }
}

comet::SubscribeRequest HubWorld::request(std::string_view name, comet::Transport transport,
                                          std::int64_t wanted) const {
  comet::SubscribeRequest request;
  request.framing = {transport, transport != comet::Transport::kWebSocket};
  request.name = named(name);
  request.wanted = wanted;
  if (transport == comet::Transport::kPoll) request.poll = {true, "icomet_cb"};
  return request;
}

comet::SubscribeRequest HubWorld::request(std::initializer_list<Wanted> channels,
                                          comet::Transport transport) const {
  comet::SubscribeRequest many;
  many.framing = {transport, transport != comet::Transport::kWebSocket};
  if (transport == comet::Transport::kPoll) many.poll = {true, "icomet_cb"};
  for (const Wanted& channel : channels) {
    comet::Subscription& next = many.has_channel() ? many.more.emplace_back() : many;
    next.name = named(channel.name);
    next.wanted = channel.seq;
  }
  return many;
}

std::uint32_t HubWorld::subscribe(comet::SubscribeRequest request, std::size_t core,
                                  std::size_t room) {
  const std::uint32_t session = wire(core).open(room);
  begin(session, hub(core).subscribe(session, std::move(request)), core);
  return session;
}

std::uint32_t HubWorld::subscribe(std::string_view name, comet::Transport transport,
                                  std::int64_t wanted, std::size_t core, std::size_t room) {
  return subscribe(request(name, transport, wanted), core, room);
}

void HubWorld::subscribe_again(std::uint32_t session, comet::SubscribeRequest request,
                               std::size_t core) {
  wire(core).reopen(session);
  begin(session, hub(core).subscribe(session, std::move(request)), core);
}

std::uint32_t HubWorld::watch_presence(std::size_t core, std::size_t room,
                                       comet::PresenceEvents events) {
  const std::uint32_t session = wire(core).open(room);
  const comet::Framing framing{comet::Transport::kPresence, true};
  begin(session, hub(core).subscribe_presence(session, events, framing, true), core);
  return session;
}

void HubWorld::begin(std::uint32_t session, std::uint32_t subscriber, std::size_t core) {
  MemorySession& chosen = wire(core)[session];
  EXPECT_EQ(chosen.ended.has_value(), subscriber == reactor::kNoIndex)
      << "no subscriber is returned if and only if the response has ended";
  chosen.subscriber = subscriber;
}

void HubWorld::add_channel(std::uint32_t index, comet::Subscription channel, std::size_t core) {
  MemorySession& chosen = wire(core)[index];
  ASSERT_TRUE(chosen.listening);
  hub(core).add_channel(chosen.subscriber, std::move(channel));
}

void HubWorld::drop_channel(std::uint32_t index, std::string_view name, std::size_t core) {
  MemorySession& chosen = wire(core)[index];
  ASSERT_TRUE(chosen.listening);
  hub(core).drop_channel(chosen.subscriber, name);
}

void HubWorld::leave(std::uint32_t index, std::size_t core) {
  MemorySession& chosen = wire(core)[index];
  ASSERT_TRUE(chosen.listening);
  chosen.listening = false;
  hub(core).leave(std::exchange(chosen.subscriber, reactor::kNoIndex));
}

void HubWorld::half_close(std::uint32_t index, std::size_t core) {
  const std::uint32_t subscriber = wire(core)[index].subscriber;
  if (subscriber != reactor::kNoIndex) hub(core).half_closed(subscriber);
}

bool HubWorld::grant(std::uint32_t session, std::size_t bytes, std::size_t core) {
  if (!wire(core).grant(session, bytes)) return false;
  if (lose_writable && lose_writable()) return false;
  hub(core).writable(wire(core)[session].subscriber);
  return true;
}

void HubWorld::command(comet::Command::Verb verb, std::string_view name, std::string_view content,
                       std::size_t core, std::uint32_t expires_s, std::uint32_t id) {
  comet::Command command;
  command.verb = verb;
  command.expires_s = expires_s;
  command.session = {id, 0};
  command.name = named(name);
  if (verb == comet::Command::Verb::kPublish) {
    command.message =
        comet::MessageRef::make(comet::Message::Type::kData, content, now_.monotonic_us);
    published_.push_back(command.message);
  }
  hub(core).command(std::move(command));
}

void HubWorld::broadcast(std::string_view content, std::size_t core, std::uint32_t id) {
  published_.push_back(
      comet::MessageRef::make(comet::Message::Type::kBroadcast, content, now_.monotonic_us));
  hub(core).broadcast({id, 0}, published_.back());
}

void HubWorld::push(std::vector<comet::PushOrder>&& orders, std::size_t core, std::uint32_t id) {
  for (const comet::PushOrder& order : orders) {
    for (const comet::PushOrder::Entry& entry : order.entries) published_.push_back(entry.message);
  }
  hub(core).push({id, 0}, std::move(orders));
}

comet::Answer HubWorld::ask(comet::Command::Verb verb, std::string_view name,
                            std::string_view content, std::size_t core, std::uint32_t expires_s) {
  const std::size_t before = wire(core).answers.size();
  command(verb, name, content, core, expires_s);
  settle();
  EXPECT_EQ(wire(core).answers.size(), before + 1);
  return wire(core).answers.empty() ? comet::Answer{} : wire(core).answers.back();
}

namespace {

template <class Report>
std::vector<Report> take_reports(std::vector<comet::Finding>& findings) {
  std::vector<Report> reports;
  for (comet::Finding& finding : findings) {
    reports.push_back(std::move(*std::get<std::unique_ptr<Report>>(finding)));
  }
  findings.clear();
  return reports;
}

}  // namespace

std::vector<comet::CoreReport> HubWorld::ask_cores(std::size_t core) {
  hub(core).ask_cores({}, comet::Survey::AboutCore{});
  settle();
  return core_reports(core);
}

std::vector<comet::CoreReport> HubWorld::core_reports(std::size_t core) {
  return take_reports<comet::CoreReport>(wire(core).findings);
}

std::vector<comet::ChannelReport> HubWorld::ask_about(std::string_view name, std::size_t core) {
  hub(core).ask_cores({}, comet::Survey::AboutChannel{named(name)});
  settle();
  return take_reports<comet::ChannelReport>(wire(core).findings);
}

void HubWorld::deliver(std::size_t from, std::size_t to) {
  std::deque<Envelope>& chosen = lane(from, to);
  if (chosen.empty()) return;
  Envelope envelope = std::move(chosen.front());
  chosen.pop_front();
  if (before_receive) before_receive(from, to, envelope);
  hub(to).receive(from, std::move(envelope.message));
  if (after_receive) after_receive(from, to);
}

std::size_t HubWorld::mail() const {
  std::size_t count = 0;
  for (const auto& lane : lanes_) count += lane.size();
  return count;
}

std::size_t HubWorld::lanes_with_mail() const {
  std::size_t count = 0;
  for (const auto& lane : lanes_) count += lane.empty() ? 0 : 1;
  return count;
}

void HubWorld::deliver_nth(std::size_t n) {
  for (std::size_t index = 0; index < lanes_.size(); ++index) {
    if (lanes_[index].empty() || n-- > 0) continue;
    deliver(index % cores(), index / cores());
    return;
  }
}

void HubWorld::settle() {
  bool more = true;
  while (more) {
    while (mail() > 0) deliver_nth(0);
    more = false;
    for (std::size_t core = 0; core < cores(); ++core) more = end_turn(core) || more;
    more = more || mail() > 0;
  }
}

void HubWorld::validate() {
  for (std::size_t core = 0; core < cores(); ++core) hub(core).validate();
}

}  // namespace support
