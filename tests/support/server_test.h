// The fixture of tests of the whole server: each runs with one, two and four reactors.
//
// Tests that use the default configuration and names of their own share one server per number of
// reactors; others start their own from config().
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/running_server.h"

namespace support {

class ServerTest : public testing::TestWithParam<std::size_t> {
 protected:
  static void TearDownTestSuite() { shared_servers().clear(); }

  [[nodiscard]] comet::Config config() const { return loopback_config(GetParam()); }

  // The shared one.
  [[nodiscard]] const RunningServer& server() const {
    auto& shared = shared_servers()[GetParam()];
    if (!shared) shared = std::make_unique<RunningServer>(config());
    return *shared;
  }

  // A channel name that no other test of this process uses.
  static std::string unique_name() {
    static std::size_t count = 0;
    return "channel-" + std::to_string(++count);
  }

 private:
  static std::map<std::size_t, std::unique_ptr<RunningServer>>& shared_servers() {
    static std::map<std::size_t, std::unique_ptr<RunningServer>> servers;
    return servers;
  }
};

// An answer that says in one line what was wrong.
inline void expect_error(const Response& response, int status, std::string_view what) {
  EXPECT_EQ(response.status, status) << what << ": " << response.body;
  EXPECT_GT(response.body.size(), 1U) << what;
  EXPECT_EQ(response.body.find('\n'), response.body.size() - 1) << what << ": " << response.body;
}

}  // namespace support

#define RUN_WITH_1_2_AND_4_REACTORS(Suite) \
  INSTANTIATE_TEST_SUITE_P(Reactors, Suite, testing::Values(1, 2, 4))
