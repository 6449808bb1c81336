// The part of Audiences that says who the subscribers of a channel are.
#include <algorithm>

#include "comet/audiences.h"

namespace comet {
namespace {

// Seats that are looked at for one page, those of observers included.
constexpr std::uint32_t kLooksMax = 4096;

}  // namespace

void Audiences::list_subscribers(const SubscriberQuery& query, SubscriberPage& page) const {
  const std::optional<std::uint32_t> below = query.below_seat(settings_.core);
  const std::uint32_t index = names_.find(query.name);
  if (!below || index == reactor::kNoIndex) return;
  const auto& seats = audiences_[index].seats;
  std::uint32_t left = std::min(*below, static_cast<std::uint32_t>(seats.size()));
  const std::uint32_t end = left - std::min(left, kLooksMax);
  while (left > end && page.listed.size() < query.limit) {
    const Seat& seat = seats[--left];
    if (is_observer(seat.framing.transport)) continue;
    PeerFacts peer = wire_.peer(seat.session);
    page.listed.push_back({left, seat.framing.transport, std::move(peer.address),
                           age_ms(subscribers_[seat.subscriber], peer)});
  }
  if (left > 0) page.next_seat = left;
}

// A client of HTTP sends nothing after its request, so the kernel remembers when that came, for
// nothing. One of a WebSocket goes on sending.
std::optional<std::uint64_t> Audiences::age_ms(const Subscriber& subscriber,
                                               const PeerFacts& peer) const {
  if (subscriber.framing.transport != Transport::kWebSocket) return peer.heard_ms;
  const Bundle& bundle = bundles_[subscribers_[subscriber.lead].bundle];
  return now_ms_ - std::uint64_t{bundle.began_s} * 1000;
}

}  // namespace comet
