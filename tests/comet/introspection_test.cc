#include "comet/introspection.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/request.h"

namespace comet {
namespace {

class IntrospectionTest : public testing::Test {
 protected:
  Introspection ask(Endpoint endpoint, std::string_view query) {
    http::Request request;
    request.method = http::Method::kGet;
    request.query = query;
    EXPECT_FALSE(fields_.read(request));
    question_ = AdminQuestion();
    question_.endpoint = endpoint;
    return introspect(fields_, hash_, question_);
  }
  template <class Question>
  Question asked(Endpoint endpoint, std::string_view query) {
    return std::get<Question>(std::get<CoresQuestion>(ask(endpoint, query)).question);
  }
  template <class Report>
  Reply reply(std::vector<Report> reports) {
    std::vector<Finding> findings;
    for (Report& report : reports) {
      findings.emplace_back(std::make_unique<Report>(std::move(report)));
    }
    return introspection_reply(question_, facts_, std::move(findings));
  }

  RequestFields fields_;
  NameHash hash_{1, 2};
  AdminQuestion question_;
  ServerFacts facts_;
};

TEST_F(IntrospectionTest, InfoAsksEveryCoreAboutItselfOrAboutAChannel) {
  asked<Survey::AboutCore>(Endpoint::kInfo, "");
  std::vector<CoreReport> cores(2);
  cores[0].channels = 3;
  cores[1].channels = 4;
  EXPECT_NE(reply(cores).body.find(R"(, "channels": 7, )"), std::string::npos);

  EXPECT_EQ(asked<Survey::AboutChannel>(Endpoint::kInfo, "cname=a%22").name.text, "a\"");
  EXPECT_EQ(reply(std::vector<ChannelReport>(2)).body,
            "{\"cname\": \"a\\\"\", \"subscribers\": 0}\n");
  EXPECT_EQ(std::get<Reply>(ask(Endpoint::kInfo, "cname=%01")).status, 400);
}

TEST_F(IntrospectionTest, ChannelsTakesItsQueryFromTheParameters) {
  const ListingQuery all = asked<Survey::AboutChannels>(Endpoint::kChannels, "").query;
  EXPECT_EQ(all.prefix, "");
  EXPECT_EQ(all.order, ChannelOrder::kName);
  EXPECT_EQ(all.limit, 100u);
  EXPECT_FALSE(all.after);
  const ListingQuery some =
      asked<Survey::AboutChannels>(Endpoint::kChannels,
                                   "prefix=n%20&after=7:new&limit=1000&sort=subscribers")
          .query;
  EXPECT_EQ(some.prefix, "n ");
  EXPECT_EQ(some.order, ChannelOrder::kSubscribers);
  EXPECT_EQ(some.limit, 1000u);
  EXPECT_EQ(some.after->name, "new");
  EXPECT_EQ(asked<Survey::AboutChannels>(Endpoint::kChannels, "limit=1").query.limit, 1u);
}

TEST_F(IntrospectionTest, PresenceTakesItsQueryFromTheParameters) {
  const SubscriberQuery first =
      asked<Survey::AboutSubscribers>(Endpoint::kPresence, "cname=a").query;
  EXPECT_EQ(first.name.text, "a");
  EXPECT_EQ(first.limit, 100u);
  EXPECT_EQ(first.below_seat(0), SubscriberPlace::kLastSeat);
  const SubscriberQuery some =
      asked<Survey::AboutSubscribers>(Endpoint::kPresence, "cname=a&after=1:7&limit=1000").query;
  EXPECT_EQ(some.limit, 1000u);
  EXPECT_EQ(some.below_seat(1), 7u);
  std::vector<SubscriberPage> cores(2);
  cores[1].all = 5;
  EXPECT_EQ(reply(std::move(cores)).body,
            "{\"cname\": \"a\", \"subscribers\": 5, \"list\": [], \"next\": null}\n");
  for (const char* wrong :
       {"", "cname=%01", "cname=a&limit=0", "cname=a&limit=1001", "cname=a&after=1"}) {
    EXPECT_EQ(std::get<Reply>(ask(Endpoint::kPresence, wrong)).status, 400) << wrong;
  }
}

TEST_F(IntrospectionTest, WrongParametersAreSaidInASentence) {
  const struct {
    std::string_view query, line;
  } rows[] = {
      {"limit=0", "limit is not from 1 to 1000\n"},
      {"limit=1001", "limit is not from 1 to 1000\n"},
      {"limit=-1", "limit is not from 1 to 1000\n"},
      {"limit=x", "limit is not a number\n"},
      {"sort=size", "sort is neither name nor subscribers\n"},
      {"sort=subscribers&after=news", "after is not what the next of a page said\n"},
  };
  for (const auto& row : rows) {
    const Reply got = std::get<Reply>(ask(Endpoint::kChannels, row.query));
    EXPECT_EQ(got.status, 400) << row.query;
    EXPECT_EQ(got.body, row.line) << row.query;
  }
}

TEST_F(IntrospectionTest, PagesOfAllCoresAreOnePage) {
  asked<Survey::AboutChannels>(Endpoint::kChannels, "limit=2");
  std::vector<ChannelPage> pages(2);
  pages[0].channels = {{{0, "b"}, 1, 0, 0}, {{0, "c"}, 1, 0, 0}};
  pages[1].channels = {{{0, "a"}, 1, 0, 0}};
  const std::string body = reply(std::move(pages)).body;
  EXPECT_LT(body.find("\"a\""), body.find("\"b\"")) << body;
  EXPECT_TRUE(body.ends_with("\"next\": \"b\"}\n")) << body;
}

TEST_F(IntrospectionTest, MetricsAndHealthHaveTheirOwnForm) {
  asked<Survey::AboutCore>(Endpoint::kMetrics, "");
  const Reply metrics = reply(std::vector<CoreReport>(1));
  EXPECT_EQ(metrics.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_TRUE(metrics.body.starts_with("# HELP comet_")) << metrics.body;

  EXPECT_EQ(std::get<Reply>(ask(Endpoint::kLive, "")).body, "live\n");
  asked<Survey::AboutCore>(Endpoint::kReady, "");
  facts_.channels_max = 1;
  facts_.front_connections_max = 1;
  facts_.descriptors_max = 1;
  facts_.front_connections_max = 1;
  EXPECT_EQ(reply(std::vector<CoreReport>(1)).status, 200);
  facts_.phase = ServerPhase::kDraining;
  EXPECT_EQ(reply(std::vector<CoreReport>(1)).status, 503);
}

}  // namespace
}  // namespace comet
