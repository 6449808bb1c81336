#include "comet/bundles.h"

#include <algorithm>
#include <utility>

#include "reactor/check.h"

namespace comet {
namespace {

using reactor::kNoIndex;

}  // namespace

std::uint32_t Bundles::open(SubscribeRequest& request, std::uint64_t now_ms) {
  const BundleKind kind = kind_of(request.framing.transport);
  const std::uint32_t index = bundles_.emplace(kind);
  Bundle& bundle = bundles_[index];
  bundle.returns = request.returns;
  bundle.members.reserve(request.channels());
  switch (kind) {
    case BundleKind::kWebSocket:
      bundle.began_s = static_cast<std::uint32_t>(now_ms / 1000);
      break;
    case BundleKind::kEvents:
      bundle.positions = positions_.emplace();
      break;
    case BundleKind::kPoll:
      bundle.answer = held_answers_.emplace(std::move(request.poll));
      held_memory_ += held(bundle).memory();
      break;
    case BundleKind::kPlain:
      break;
  }
  return index;
}

void Bundles::close(std::uint32_t index) {
  const Bundle& bundle = bundles_[index];
  members_ -= bundle.members.size();
  if (bundle.kind == BundleKind::kPoll) {
    held_memory_ -= held(bundle).memory();
    held_answers_.erase(bundle.answer);
  }
  if (bundle.kind == BundleKind::kEvents) positions_.erase(bundle.positions);
  bundles_.erase(index);
}

void Bundles::enlist(Bundle& bundle, std::uint32_t member, std::int64_t wanted) {
  bundle.members.push_back(member);
  if (bundle.kind == BundleKind::kPoll) held_answers_[bundle.answer].add_place();
  if (bundle.kind == BundleKind::kEvents) {
    // Less than 0 is from the oldest on, as 1 is; 0 is from now on, for which -1 stands.
    positions_[bundle.positions].push_back(wanted < 0 ? 0 : wanted - 1);
  }
  ++bundle.joining;
  ++members_;
}

void Bundles::detach(Bundle& bundle, std::uint32_t member, LastSeen last_seen) {
  const std::size_t place = bundle.place(member);
  if (!last_seen) --bundle.joining;
  if (bundle.kind == BundleKind::kWebSocket) {
    bundle.members.erase(bundle.members.begin() + static_cast<std::ptrdiff_t>(place));
    --members_;
    return;
  }
  if (bundle.kind == BundleKind::kEvents && last_seen) {
    positions_[bundle.positions][place] = static_cast<std::int64_t>(*last_seen);
  }
  bundle.members[place] = kNoIndex;
}

std::size_t Bundles::memory() const {
  return bundles_.memory() + held_answers_.memory() + positions_.memory() +
         members_ * sizeof(std::uint32_t);
}

// --- For tests --------------------------------------------------------------------------------

void Bundles::validate() {
  std::size_t members = 0;
  std::size_t polls = 0;
  std::size_t events = 0;
  std::size_t held_memory = 0;
  bundles_.for_each([&](std::uint32_t, const Bundle& bundle) {
    members += bundle.members.size();
    const auto over = static_cast<std::size_t>(std::ranges::count(bundle.members, kNoIndex));
    CHECK(bundle.joining <= bundle.members.size() - over);
    CHECK(over == 0 || bundle.kind != BundleKind::kWebSocket);
    if (bundle.kind == BundleKind::kPoll) {
      ++polls;
      held(bundle).validate();
      held_memory += held(bundle).memory();
      CHECK(held(bundle).places() == bundle.members.size());
    }
    if (bundle.kind == BundleKind::kEvents) {
      ++events;
      CHECK(positions_[bundle.positions].size() == bundle.members.size());
    }
  });
  CHECK(members == members_);
  CHECK(polls == held_answers_.size());
  CHECK(events == positions_.size());
  CHECK(held_memory == held_memory_);
}

}  // namespace comet
