#include "comet/routes.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace comet {
namespace {

TEST(Routes, EveryRouteIsFoundOnItsOwnPortOnly) {
  std::set<Endpoint> endpoints;
  for (const Route& route : routes()) {
    EXPECT_EQ(find_route(route.port, route.path), &route);
    const Port other = route.port == Port::kFront ? Port::kAdmin : Port::kFront;
    EXPECT_NE(find_route(other, route.path), &route);
    EXPECT_TRUE(endpoints.insert(route.endpoint).second) << route.path;
  }
}

TEST(Routes, PathsAreExact) {
  for (const char* path : {"", "/", "/poll/", "/Poll", "poll", "/pol", "//poll"}) {
    EXPECT_EQ(find_route(Port::kFront, path), nullptr) << path;
  }
}

TEST(Routes, ThePageHasALineForEachRoute) {
  const std::string table = render_routes_table();
  for (const Route& route : routes()) {
    EXPECT_NE(table.find("`" + std::string(route.path) + "`"), std::string::npos) << route.path;
  }
}

}  // namespace
}  // namespace comet
