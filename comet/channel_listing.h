// /channels: pages of all channels, in an order that a cursor can be a place in.
//
// A page is made without ever walking all channels at once: each home scans its own in slices and
// keeps the best `limit` of them (ChannelScan), and the core that asked merges what all homes kept.
// A cursor is a place in the order, not in a table: whoever follows the pages by name meets every
// channel that was there all the time exactly once, whatever comes and goes meanwhile. By
// subscribers the same is true of those whose number does not change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace comet {

enum class ChannelOrder : std::uint8_t {
  kName,         // byte by byte
  kSubscribers,  // the most first; by name where there are as many
};

// Where a channel stands in either order.
struct ChannelPlace {
  std::uint64_t subscribers = 0;
  std::string name;

  // As in a page's "next": the name, or the number of subscribers, a colon and the name.
  static std::optional<ChannelPlace> parse(ChannelOrder order, std::string_view cursor);
  [[nodiscard]] std::string cursor(ChannelOrder order) const;
};

struct ListingQuery {
  static constexpr std::size_t kLimitDefault = 100;
  static constexpr std::size_t kLimitMax = 1000;

  std::string prefix;
  ChannelOrder order = ChannelOrder::kName;
  std::size_t limit = kLimitDefault;
  std::optional<ChannelPlace> after;  // only what stands behind it
};

struct ListedChannel {
  ChannelPlace place;
  std::uint64_t next_seq = 0;
  std::uint64_t messages = 0;  // buffered
  std::uint64_t bytes = 0;     // of their contents
};

struct ChannelPage {
  std::vector<ListedChannel> channels;  // in order
  bool more = false;                    // some stand behind the last one
};

// The best `limit` of the channels that are offered, each once, in any order. Memory is bounded by
// the limit.
class ChannelScan {
 public:
  explicit ChannelScan(ListingQuery query) : query_(std::move(query)) {}

  // Would a channel of that name and so many subscribers be kept? If not, it need not be offered.
  [[nodiscard]] bool wants(std::string_view name, std::uint64_t subscribers);
  // Of one that wants() said yes to.
  void keep(ListedChannel channel);
  // Ends the scan.
  ChannelPage take();

 private:
  ListingQuery query_;
  std::vector<ListedChannel> best_;  // a heap: the last in order is in front
  bool more_ = false;
};

// One page of several, all of them in that order.
ChannelPage merge_pages(std::vector<ChannelPage>&& pages, ChannelOrder order, std::size_t limit);

// {"channels": [...], "next": ...} and a line break.
std::string render_channel_page(const ChannelPage& page, ChannelOrder order);

}  // namespace comet
