#include "comet/channel_listing.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "http/json_writer.h"

namespace comet {
namespace {

bool precedes(ChannelOrder order, std::uint64_t a_subscribers, std::string_view a_name,
              std::uint64_t b_subscribers, std::string_view b_name) {
  if (order == ChannelOrder::kSubscribers && a_subscribers != b_subscribers) {
    return a_subscribers > b_subscribers;
  }
  return a_name < b_name;
}

auto by(ChannelOrder order) {
  return [order](const ListedChannel& a, const ListedChannel& b) {
    return precedes(order, a.place.subscribers, a.place.name, b.place.subscribers, b.place.name);
  };
}

}  // namespace

std::optional<ChannelPlace> ChannelPlace::parse(ChannelOrder order, std::string_view cursor) {
  if (order == ChannelOrder::kName) return ChannelPlace{0, std::string(cursor)};
  const char* const end = cursor.data() + cursor.size();
  ChannelPlace place;
  const auto [rest, error] = std::from_chars(cursor.data(), end, place.subscribers);
  if (error != std::errc{} || rest == end || *rest != ':') return std::nullopt;
  place.name.assign(rest + 1, end);
  return place;
}

std::string ChannelPlace::cursor(ChannelOrder order) const {
  return order == ChannelOrder::kName ? name : std::to_string(subscribers) + ":" + name;
}

bool ChannelScan::wants(std::string_view name, std::uint64_t subscribers) {
  if (!name.starts_with(query_.prefix)) return false;
  const auto& after = query_.after;
  if (after && !precedes(query_.order, after->subscribers, after->name, subscribers, name)) {
    return false;
  }
  if (best_.size() < query_.limit) return true;
  more_ = true;
  const ChannelPlace& last = best_.front().place;
  return precedes(query_.order, subscribers, name, last.subscribers, last.name);
}

void ChannelScan::keep(ListedChannel channel) {
  if (best_.size() == query_.limit) {
    std::pop_heap(best_.begin(), best_.end(), by(query_.order));
    best_.pop_back();
  }
  best_.push_back(std::move(channel));
  std::push_heap(best_.begin(), best_.end(), by(query_.order));
}

ChannelPage ChannelScan::take() {
  std::sort_heap(best_.begin(), best_.end(), by(query_.order));
  return {std::move(best_), more_};
}

// Each page is in order, so only their heads are compared: as many steps as channels come out.
ChannelPage merge_pages(std::vector<ChannelPage>&& pages, ChannelOrder order, std::size_t limit) {
  ChannelPage merged;
  std::vector<std::size_t> taken(pages.size(), 0);
  const auto head = [&](std::size_t i) -> ListedChannel& { return pages[i].channels[taken[i]]; };
  std::vector<std::size_t> heap;  // of pages that have a head, the one whose head is first in front
  const auto later = [&](std::size_t a, std::size_t b) { return by(order)(head(b), head(a)); };
  for (std::size_t i = 0; i < pages.size(); ++i) {
    merged.more = merged.more || pages[i].more;
    if (!pages[i].channels.empty()) heap.push_back(i);
  }
  std::make_heap(heap.begin(), heap.end(), later);
  while (!heap.empty() && merged.channels.size() < limit) {
    std::pop_heap(heap.begin(), heap.end(), later);
    const std::size_t first = heap.back();
    merged.channels.push_back(std::move(head(first)));
    if (++taken[first] == pages[first].channels.size()) {
      heap.pop_back();
    } else {
      std::push_heap(heap.begin(), heap.end(), later);
    }
  }
  merged.more = merged.more || !heap.empty();
  return merged;
}

std::string render_channel_page(const ChannelPage& page, ChannelOrder order) {
  http::JsonWriter json;
  json.open('{').key("channels").open('[');
  for (const ListedChannel& channel : page.channels) {
    json.open('{')
        .member("cname", std::string_view(channel.place.name))
        .member("subscribers", channel.place.subscribers)
        .member("seq", channel.next_seq)
        .member("messages", channel.messages)
        .member("bytes", channel.bytes)
        .close('}');
  }
  json.close(']').key("next");
  if (page.more) {
    json.value(page.channels.back().place.cursor(order));
  } else {
    json.null();
  }
  json.close('}');
  return json.text() + "\n";
}

}  // namespace comet
