#include "http/status.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

namespace http {
namespace {

TEST(Status, NamesTheCodesThisServerSends) {
  const std::pair<int, std::string_view> cases[] = {
      {100, "Continue"},
      {200, "OK"},
      {204, "No Content"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {417, "Expectation Failed"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  };
  for (const auto& [status, reason] : cases) EXPECT_EQ(status_reason(status), reason) << status;
}

TEST(Status, HasSomethingToSayAboutEveryNumber) {
  for (const int status : {-1, 0, 99, 299, 418, 599, 1000}) {
    EXPECT_EQ(status_reason(status), "Unknown") << status;
  }
}

}  // namespace
}  // namespace http
