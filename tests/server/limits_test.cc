// max_channels, max_subscribers_per_channel, and who may use the admin port.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/server_test.h"

namespace support {
namespace {

class LimitsTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(LimitsTest);

void expect_in_band(const RunningServer& server, const std::string& cname,
                    std::string_view content) {
  const std::string error = message("429", cname, 0, content);
  EXPECT_EQ(server.front_get("/poll?cname=" + cname).body, "icomet_cb(" + error + ");\n");
  EXPECT_EQ(server.front_get("/poll?cb=f&seq=1&cname=" + cname).body, "f(" + error + ");\n");
  EXPECT_EQ(server.front_get("/sub?cname=" + cname).body, error + "\n");
  for (const Endless& transport : endless_transports()) {
    const Response response =
        server.front_get(std::string(transport.path) + "?seq=1&cname=" + cname);
    EXPECT_EQ(response.status, 200) << transport.path;
    EXPECT_EQ(response.header("content-type"), transport.content_type) << transport.path;
    EXPECT_EQ(response.body, std::string(transport.opening()) + transport.wrap(error));
  }
}

TEST_P(LimitsTest, OverMaxChannelsNoneIsCreated) {
  comet::Config small = config();
  small.front.max_channels = 2;
  const RunningServer own(small);
  own.push("a", "x");
  Subscription subscription(own, "cname=b");
  own.await_totals(2, 1);
  for (const char* target :
       {"/push?cname=c&content=x", "/pub?cname=c&content=x", "/sign?cname=c"}) {
    expect_error(own.admin_get(target), 429, target);
  }
  expect_in_band(own, "c", "Too many channels");
  EXPECT_EQ(own.admin_get("/check?cname=c").body, "{}\n");
  // Those that are there go on.
  own.push("a", "y");
  EXPECT_EQ(own.admin_get("/sign?cname=b").status, 200);
  // And there is room again when one is gone.
  EXPECT_EQ(own.admin_get("/close?cname=a").status, 200);
  own.push("c", "x");
  own.await_totals(2, 1);
}

TEST_P(LimitsTest, OverMaxSubscribersNoneIsAdmitted) {
  comet::Config small = config();
  small.front.max_subscribers_per_channel = 2;
  const RunningServer own(small);
  auto first = std::make_unique<Subscription>(own, "cname=a&seq=1");
  Client second = own.front();
  second.get("/poll?cname=a&seq=1");
  own.await_subscribers("a", 2);
  expect_in_band(own, "a", "Too many subscribers");
  Subscription elsewhere(own, "cname=b");
  EXPECT_EQ(elsewhere.next(), next_seq("b", 1));

  first.reset();
  own.await_subscribers("a", 1);
  Subscription third(own, "cname=a&seq=1");
  own.await_subscribers("a", 2);
  own.push("a", "one");
  EXPECT_EQ(third.next(), data("a", 1, "one"));
  EXPECT_EQ(second.read_response().body, "icomet_cb(" + data("a", 1, "one") + ");\n");
  own.await_subscribers("a", 1);
}

TEST_P(LimitsTest, WhoIsNotAllowedGets403AndIsClosed) {
  comet::Config closed = config();
  closed.admin.allow = {"10.0.0.0/8"};
  closed.admin.deny = {"all"};
  const RunningServer own(closed);
  for (const char* target : {"/push?cname=a&content=x", "/info", "/nothing"}) {
    Client client = own.admin();
    client.get(target);
    const Response response = client.read_response();
    expect_error(response, 403, target);
    EXPECT_EQ(response.header("connection"), "close");
    client.expect_end();
  }
  // The list is for the admin port only.
  EXPECT_EQ(own.front_get("/sub?cname=a").body, next_seq("a", 1) + "\n");
}

TEST_P(LimitsTest, DenyingOneAddressLeavesTheOthers) {
  comet::Config open = config();
  open.admin.allow = {"all"};
  open.admin.deny = {"127.0.0.1"};
  EXPECT_EQ(RunningServer(open).admin_get("/info").status, 403);
  open.admin.deny = {"127.0.0.2"};
  EXPECT_EQ(RunningServer(open).admin_get("/info").status, 200);
  open.admin.allow = {"127.0.0.1"};
  open.admin.deny = {"all"};
  EXPECT_EQ(RunningServer(open).admin_get("/info").status, 200);
}

}  // namespace
}  // namespace support
