#include "comet/subscriber_listing.h"

#include <fmt/chrono.h>

#include <charconv>
#include <ctime>

#include "http/json_writer.h"

namespace comet {
namespace {

std::optional<std::uint32_t> whole(std::string_view text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

void write(http::JsonWriter& json, std::size_t core, const ListedSubscriber& subscriber,
           std::int64_t now_unix_s) {
  json.open('{').key("address");
  if (subscriber.address.empty()) {
    json.null();
  } else {
    json.value(std::string_view(subscriber.address));
  }
  json.member("transport", row_of(subscriber.transport).name).key("since");
  if (subscriber.age_ms) {
    const auto since_s =
        static_cast<std::time_t>(now_unix_s - static_cast<std::int64_t>(*subscriber.age_ms / 1000));
    json.value(std::string_view(fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(since_s))));
  } else {
    json.null();
  }
  json.member("core", core).close('}');
}

}  // namespace

std::optional<SubscriberPlace> SubscriberPlace::parse(std::string_view cursor) {
  const std::size_t colon = cursor.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint32_t> core = whole(cursor.substr(0, colon));
  const std::optional<std::uint32_t> seat = whole(cursor.substr(colon + 1));
  if (!core || !seat) return std::nullopt;
  return SubscriberPlace{*core, *seat};
}

std::string SubscriberPlace::cursor() const { return fmt::format("{}:{}", core, below_seat); }

std::string render_subscriber_page(std::string_view cname, std::int64_t now_unix_s,
                                   const std::vector<SubscriberPage>& cores, std::size_t limit) {
  std::uint64_t all = 0;
  for (const SubscriberPage& page : cores) all += page.all.value_or(0);
  http::JsonWriter json;
  json.open('{').member("cname", cname).member("subscribers", all).key("list").open('[');
  std::optional<SubscriberPlace> next;
  std::size_t left = limit;
  for (std::uint32_t core = 0; core < cores.size() && !next; ++core) {
    const SubscriberPage& page = cores[core];
    std::uint32_t below = SubscriberPlace::kLastSeat;
    std::size_t taken = 0;
    for (; taken < page.listed.size() && left > 0; ++taken, --left) {
      write(json, core, page.listed[taken], now_unix_s);
      below = page.listed[taken].seat;
    }
    if (taken < page.listed.size()) {
      next = SubscriberPlace{core, below};
    } else if (page.next_seat) {
      next = SubscriberPlace{core, *page.next_seat};
    }
  }
  json.close(']').key("next");
  if (next) {
    json.value(std::string_view(next->cursor()));
  } else {
    json.null();
  }
  json.close('}');
  return json.text() + "\n";
}

}  // namespace comet
