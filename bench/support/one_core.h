// What one core of the server is made of, but for its sockets: a hub on a wire that swallows all.
//
// For benchmarks and perf/instructions. Single-threaded; no system call, no clock, and a fixed key
// for the names' hash, so that a run depends on nothing but what it is told to do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bench/support/requests.h"
#include "comet/admin.h"
#include "comet/config.h"
#include "comet/front.h"
#include "comet/hub.h"
#include "comet/hub_settings.h"
#include "comet/name.h"
#include "comet/wire.h"
#include "reactor/check.h"
#include "reactor/clock.h"

namespace bench {

// Takes every byte at once and keeps none.
class SwallowingWire final : public comet::Wire {
 public:
  comet::Sent send(std::uint32_t, std::string_view bytes) override {
    ++sends;
    swallowed += bytes.size();
    return {comet::SendStatus::kOk, bytes.size()};
  }
  comet::Written write(std::uint32_t, std::string_view bytes) override {
    swallowed += bytes.size();
    return comet::Written::kAll;
  }
  bool count_end(std::uint32_t) override { return true; }
  void ended(std::uint32_t session, comet::Ending) override { answered.push_back(session); }
  void answer(const comet::Answer& answer) override { last_answer = answer; }
  [[nodiscard]] comet::PeerFacts peer(std::uint32_t) const override { return {}; }
  void pushed(std::size_t, const comet::PushReport&) override {}
  void surveyed(comet::Ref, std::vector<comet::Finding>&&) override {}
  void post(std::size_t core, comet::HubMessage&&) override { CHECK(core == 0); }  // the only one
  [[nodiscard]] std::size_t backlog(std::size_t) const override { return 0; }
  void add_to(comet::CoreReport&) const override {}

  std::uint64_t sends = 0;
  std::uint64_t swallowed = 0;          // bytes
  std::vector<std::uint32_t> answered;  // sessions whose response ended, until somebody clears it
  comet::Answer last_answer;
};

class OneCore {
 public:
  explicit OneCore(comet::Config config = {}) : config_(std::move(config)) {}

  comet::Hub& hub() { return hub_; }
  SwallowingWire& wire() { return wire_; }
  comet::Front& front() { return front_; }
  comet::Admin& admin() { return admin_; }
  [[nodiscard]] comet::ChannelName named(std::string_view name) const { return names_.named(name); }

  // What a worker does for a request on the admin port, up to the bytes of the answer.
  void push(const http::Request& request) {
    comet::AdminAction action = admin_.handle(request, question_);
    hub_.command(std::move(std::get<comet::Command>(action)));
    const comet::Reply reply = admin_.reply(question_, wire_.last_answer);
    CHECK(reply.status == 200);
    answer_.clear();
    hub_.heads().append_response(answer_, comet::Port::kAdmin, reply.content_type, true,
                                 reply.body);
  }

  // The same for a request on the front port. The subscriber, which must not have ended at once.
  std::uint32_t subscribe(std::uint32_t session, const http::Request& request) {
    comet::FrontAction action = front_.handle(request);
    const std::uint32_t subscriber =
        hub_.subscribe(session, std::move(std::get<comet::SubscribeRequest>(action)));
    CHECK(subscriber != reactor::kNoIndex);
    return subscriber;
  }

  // Sessions 0 to count - 1 listen to one channel.
  void seat(std::uint32_t count, std::string_view name, comet::Framing framing) {
    for (std::uint32_t session = 0; session < count; ++session) {
      comet::SubscribeRequest request;
      request.framing = framing;
      request.name = named(name);
      CHECK(hub_.subscribe(session, std::move(request)) != reactor::kNoIndex);
    }
    turn();
  }

  // One message that is parsed and escaped already.
  void publish(const comet::ChannelName& name, const comet::MessageRef& message) {
    comet::Command command;
    command.verb = comet::Command::Verb::kPublish;
    command.name = name;
    command.message = message;
    hub_.command(std::move(command));
  }

  // A turn that much later, and more of them until nothing is left to do at once. By default
  // whoever was swept before has rested meanwhile, and is swept again.
  void turn(std::uint64_t later_us = kRestedUs) {
    now_.monotonic_us += later_us;
    now_.unix_s = static_cast<std::int64_t>(now_.monotonic_ms() / 1000);
    hub_.begin_turn(now_);
    while (hub_.end_turn(now_.monotonic_us)) {
    }
    hub_.turn_ended(now_.monotonic_us);
  }

  static constexpr std::uint64_t kRestedUs = 2000;

 private:
  const comet::Config config_;
  const comet::NameHash names_{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  comet::ChannelCount channel_count_{0};
  SwallowingWire wire_;
  reactor::Now now_{1'000'000'000'000, 1'000'000};
  comet::Hub hub_{comet::HubSettings::from(config_, 0, 1), channel_count_, wire_, now_};
  comet::Front front_{config_, names_};
  comet::Admin admin_{config_, names_};
  comet::AdminQuestion question_;
  std::string answer_;
};

// A published message, made once and shared by all that a measurement publishes.
inline comet::MessageRef message(std::string_view content = kContent) {
  return comet::MessageRef::make(comet::Message::Type::kData, content);
}

}  // namespace bench
