#include "comet/channel_listing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace comet {
namespace {

constexpr auto kName = ChannelOrder::kName;
constexpr auto kSubscribers = ChannelOrder::kSubscribers;

ListedChannel channel(std::string name, std::uint64_t subscribers = 0) {
  return {{subscribers, std::move(name)}, 1, 0, 0};
}
const std::vector<ListedChannel> kSome{channel("b", 5), channel("d", 9), channel("a", 5),
                                       channel("c", 1)};

// The names, each with a space behind it.
std::string names_of(const ChannelPage& page) {
  std::string names;
  for (const ListedChannel& listed : page.channels) names += listed.place.name + " ";
  return names;
}

ListingQuery query(ChannelOrder order, std::size_t limit, std::string_view after = {},
                   std::string prefix = {}) {
  ListingQuery query;
  query.prefix = std::move(prefix);
  query.order = order;
  query.limit = limit;
  if (!after.empty()) query.after = ChannelPlace::parse(order, after);
  return query;
}

ChannelPage scan(ListingQuery query, const std::vector<ListedChannel>& channels = kSome) {
  ChannelScan scan(std::move(query));
  for (const ListedChannel& each : channels) {
    if (scan.wants(each.place.name, each.place.subscribers)) scan.keep(each);
  }
  return scan.take();
}

TEST(ChannelScan, KeepsTheFirstInOrderWhateverTheLimit) {
  constexpr std::string_view kByName = "a b c d ";
  constexpr std::string_view kBySubscribers = "d a b c ";
  for (std::size_t limit = 1; limit <= 5; ++limit) {
    const ChannelPage by_name = scan(query(kName, limit));
    EXPECT_EQ(names_of(by_name), kByName.substr(0, 2 * limit));
    EXPECT_EQ(by_name.more, limit < 4) << limit;
    const ChannelPage by_subscribers = scan(query(kSubscribers, limit));
    EXPECT_EQ(names_of(by_subscribers), kBySubscribers.substr(0, 2 * limit));
    EXPECT_EQ(by_subscribers.more, limit < 4) << limit;
  }
}

TEST(ChannelScan, GoesOnBehindACursor) {
  EXPECT_EQ(names_of(scan(query(kName, 2, "b"))), "c d ");
  EXPECT_EQ(names_of(scan(query(kName, 2, "bb"))), "c d ") << "a channel that is gone by now";
  EXPECT_EQ(names_of(scan(query(kName, 2, "d"))), "");
  EXPECT_EQ(names_of(scan(query(kSubscribers, 2, "9:d"))), "a b ");
  EXPECT_EQ(names_of(scan(query(kSubscribers, 2, "5:a"))), "b c ");
  EXPECT_EQ(names_of(scan(query(kSubscribers, 2, "4:"))), "c ");
}

TEST(ChannelScan, ListsOnlyWhatHasThePrefix) {
  const std::vector<ListedChannel> channels{channel("news"), channel("new"), channel("ne"),
                                            channel("newer"), channel("old")};
  EXPECT_EQ(names_of(scan(query(kName, 10, {}, "new"), channels)), "new newer news ");
  EXPECT_EQ(names_of(scan(query(kName, 10, "newer", "new"), channels)), "news ");
  EXPECT_FALSE(scan(query(kName, 3, {}, "new"), channels).more);
  EXPECT_EQ(names_of(scan(query(kName, 10, {}, "x"), channels)), "");
}

TEST(ChannelPlace, ACursorSaysWhereAChannelStands) {
  const ChannelPlace place{12, "a:b"};
  EXPECT_EQ(place.cursor(kName), "a:b");
  EXPECT_EQ(place.cursor(kSubscribers), "12:a:b");
  EXPECT_EQ(ChannelPlace::parse(kSubscribers, "12:a:b")->name, "a:b");
  EXPECT_EQ(ChannelPlace::parse(kSubscribers, "12:a:b")->subscribers, 12u);
  EXPECT_EQ(ChannelPlace::parse(kName, "12:a:b")->name, "12:a:b");
  for (const char* wrong : {"a", "12", "a:12", ":a", "-1:a", "99999999999999999999:a", " 1:a"}) {
    EXPECT_FALSE(ChannelPlace::parse(kSubscribers, wrong)) << wrong;
  }
}

TEST(ChannelPages, AreMergedInOrder) {
  const auto pages = [](std::size_t limit, ChannelOrder order) {
    std::vector<ChannelPage> made;
    made.push_back(scan(query(order, limit)));
    made.push_back(scan(query(order, limit), {}));
    made.push_back(scan(query(order, limit), {channel("bb", 7), channel("e", 0)}));
    return made;
  };
  constexpr std::string_view kAll = "a b bb c d e ";
  for (std::size_t limit = 1; limit <= 7; ++limit) {
    const ChannelPage page = merge_pages(pages(limit, kName), kName, limit);
    EXPECT_EQ(page.channels.size(), std::min<std::size_t>(limit, 6));
    EXPECT_TRUE(kAll.starts_with(names_of(page))) << names_of(page);
    EXPECT_EQ(page.more, limit < 6) << limit;
  }
  EXPECT_EQ(names_of(merge_pages(pages(6, kSubscribers), kSubscribers, 6)), "d bb a b c e ");
}

TEST(ChannelPages, ReadAsTheConsoleExpects) {
  ChannelPage page;
  page.channels.push_back({{3, "a\"b"}, 42, 10, 400});
  EXPECT_EQ(render_channel_page(page, kName),
            "{\"channels\": [{\"cname\": \"a\\\"b\", \"subscribers\": 3, \"seq\": 42, "
            "\"messages\": 10, \"bytes\": 400}], \"next\": null}\n");
  page.more = true;
  EXPECT_TRUE(render_channel_page(page, kSubscribers).ends_with("], \"next\": \"3:a\\\"b\"}\n"));
  EXPECT_EQ(render_channel_page({}, kName), "{\"channels\": [], \"next\": null}\n");
}

}  // namespace
}  // namespace comet
