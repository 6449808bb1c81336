// /tail and the pages of the admin port, over real sockets.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/server_test.h"

namespace support {
namespace {

class TailTest : public ServerTest {};
RUN_WITH_1_2_AND_4_REACTORS(TailTest);

TEST_P(TailTest, GetsWhatIsBufferedAndWhatIsNewWithoutAToken) {
  comet::Config guarded = config();
  guarded.front.auth = comet::Auth::kToken;
  const RunningServer own(guarded);
  own.push("a", "one");
  Client tail = own.admin();
  tail.get("/tail?cname=a&seq=1");
  const Response head = tail.read_head();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-type"), "application/json; charset=utf-8");
  EXPECT_FALSE(head.has_header("access-control-allow-origin"));
  EXPECT_EQ(tail.next_chunk(), data("a", 1, "one") + "\n");
  own.push("a", "two");
  EXPECT_EQ(tail.next_chunk(), data("a", 2, "two") + "\n");
  own.broadcast("all");
  EXPECT_EQ(tail.next_chunk(), message("broadcast", "a", 3, "all") + "\n");
  EXPECT_EQ(tail.next_chunk(), next_seq("a", 4) + "\n");
  own.await_totals(1, 0);
  EXPECT_EQ(own.admin_get("/close?cname=a").body, "ok 4\n");
  EXPECT_EQ(tail.next_chunk(), message("close", "a", 4, "") + "\n");
  EXPECT_EQ(tail.next_chunk(), "");
}

TEST_P(TailTest, StartsFromNowWithoutASeq) {
  const std::string name = unique_name();
  server().push(name, "one");
  Client tail = server().admin();
  tail.get("/tail?cname=" + name);
  EXPECT_EQ(tail.read_head().status, 200);
  EXPECT_EQ(tail.next_chunk(), next_seq(name, 2) + "\n");
}

TEST_P(TailTest, OfAChannelThatDoesNotExistIs404AndTheConnectionGoesOn) {
  const std::string name = unique_name();
  Client tail = server().admin();
  tail.get("/tail?cname=" + name);
  const Response absent = tail.read_response();
  EXPECT_EQ(absent.status, 404);
  EXPECT_EQ(absent.body, "channel[" + name + "] not connected\n");
  tail.get("/check?cname=" + name);
  EXPECT_EQ(tail.read_response().body, "{}\n");
  tail.get("/tail");
  EXPECT_EQ(tail.read_response().status, 400);
}

TEST_P(TailTest, Http10GetsLinesWithoutChunks) {
  const std::string name = unique_name();
  server().push(name, "x");
  Client tail = server().admin();
  tail.send("GET /tail?cname=" + name + "&seq=1 HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(tail.read_head().has_header("transfer-encoding"));
  EXPECT_EQ(tail.read_until("\n"), data(name, 1, "x") + "\n");
}

TEST_P(TailTest, TheConsoleIsServedOnTheAdminPortOnly) {
  const Response page = server().admin_get("/console");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(server().front_get("/console").status, 404);

  Client client = server().admin();
  client.send("HEAD /console HTTP/1.1\r\nHost: x\r\n\r\n");
  const Response head = client.read_response(BodyRule::kNone);
  EXPECT_EQ(head.header("content-length"), std::to_string(page.body.size()));
  client.get("/console", "If-None-Match: " + page.header("etag") + "\r\n");
  const Response known = client.read_response(BodyRule::kNone);
  EXPECT_EQ(known.status, 304);
  EXPECT_FALSE(known.has_header("content-length"));
  client.get("/console/main.js");
  EXPECT_EQ(client.read_response().status, 200) << "nothing of the 304 is left on the wire";
}

}  // namespace
}  // namespace support
