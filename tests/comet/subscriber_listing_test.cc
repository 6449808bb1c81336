#include "comet/subscriber_listing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace comet {
namespace {

SubscriberPage page(std::vector<std::uint32_t> seats, std::optional<std::uint32_t> next = {}) {
  SubscriberPage made;
  for (const std::uint32_t seat : seats) {
    made.listed.push_back({seat, Transport::kSse, "h:" + std::to_string(seat), 1999});
  }
  made.next_seat = next;
  return made;
}

// The addresses of a page, and what it says is next.
std::string listed(const std::vector<SubscriberPage>& cores, std::size_t limit) {
  const std::string text = render_subscriber_page("a", 0, cores, limit);
  std::string out;
  for (std::size_t at = 0; (at = text.find("\"h:", at)) != std::string::npos; ++at) {
    out += text.substr(at + 3, text.find('"', at + 1) - at - 3) + " ";
  }
  return out +
         text.substr(text.find("\"next\": ") + 8, text.rfind('}') - text.find("\"next\": ") - 8);
}

TEST(SubscriberListingTest, APageReadsAsDocumented) {
  SubscriberPage home;
  home.all = 3;
  home.listed.push_back({7, Transport::kSse, "127.0.0.1:5555", 1999});
  SubscriberPage other;
  other.listed.push_back({0, Transport::kPoll, "", std::nullopt});
  EXPECT_EQ(
      render_subscriber_page("a\"", 1'700'000'000, {home, other}, 100),
      "{\"cname\": \"a\\\"\", \"subscribers\": 3, \"list\": [{\"address\": \"127.0.0.1:5555\", "
      "\"transport\": \"sse\", \"since\": \"2023-11-14T22:13:19Z\", \"core\": 0}, {\"address\": "
      "null, \"transport\": \"poll\", \"since\": null, \"core\": 1}], \"next\": null}\n");
  EXPECT_EQ(render_subscriber_page("a", 0, {SubscriberPage{}}, 1),
            "{\"cname\": \"a\", \"subscribers\": 0, \"list\": [], \"next\": null}\n");
}

TEST(SubscriberListingTest, APageEndsWhereItIsFull) {
  const std::vector<SubscriberPage> cores{page({5, 4, 3}), page({}), page({1, 0})};
  EXPECT_EQ(listed(cores, 2), "5 4 \"0:4\"");
  EXPECT_EQ(listed(cores, 4), "5 4 3 1 \"2:1\"");
  EXPECT_EQ(listed(cores, 5), "5 4 3 1 0 null");
  EXPECT_EQ(listed(cores, 6), "5 4 3 1 0 null");
}

TEST(SubscriberListingTest, APageThatEndsWithACoreGoesOnWithTheNext) {
  EXPECT_EQ(listed({page({1, 0}), page({1, 0})}, 2), "1 0 \"1:4294967295\"");
  EXPECT_EQ(listed({page({1, 0}), page({})}, 2), "1 0 null");
}

TEST(SubscriberListingTest, WhatACoreHasNotLookedAtComesNext) {
  EXPECT_EQ(listed({page({9, 8}, 7), page({3})}, 9), "9 8 \"0:7\"");
  EXPECT_EQ(listed({page({9, 8}, 8), page({3})}, 2), "9 8 \"0:8\"");
  EXPECT_EQ(listed({page({}, 7), page({3})}, 9), "\"0:7\"");
}

TEST(SubscriberListingTest, CursorsAreReadAsTheyAreWritten) {
  const auto place = SubscriberPlace::parse(SubscriberPlace{3, 4711}.cursor());
  ASSERT_TRUE(place);
  EXPECT_EQ(place->core, 3u);
  EXPECT_EQ(place->below_seat, 4711u);
  for (const char* bad :
       {"", ":", "1", "1:", ":1", "1:x", "1:2 ", "-1:2", "1:4294967296", "1:2:3"}) {
    EXPECT_FALSE(SubscriberPlace::parse(bad)) << bad;
  }
}

TEST(SubscriberListingTest, CoresBeforeTheCursorHaveBeenListed) {
  SubscriberQuery query;
  query.after = {1, 7};
  EXPECT_EQ(query.below_seat(0), std::nullopt);
  EXPECT_EQ(query.below_seat(1), 7u);
  EXPECT_EQ(query.below_seat(2), SubscriberPlace::kLastSeat);
}

}  // namespace
}  // namespace comet
