// What must not be seen by whoever reads the log (SECURITY.md).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <string>

#include "tests/support/file_bytes.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace support {
namespace {

TEST(Secrets, TokensKeysAndContentsAreNeverLogged) {
  const TempFolder folder;
  const std::string log = folder.file("log");
  const std::string key = "a-key-that-nobody-may-see";
  const std::string bearer = "Authorization: Bearer " + key + "\r\n";
  ServerProcess server({"logger.level=trace", "logger.output=" + log, "admin.key=" + key,
                        "front.auth=token", "drain_timeout=0",
                        "state_file=" + folder.file("state")});
  Client admin(server.admin_port());
  admin.get("/sign?cname=a", bearer);
  const std::string sign = admin.read_response().body;
  const std::string token = sign.substr(sign.find("\"token\":\"") + 9, 32);
  ASSERT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos) << sign;
  admin.get("/push?cname=a&content=nobodys-business", bearer);
  EXPECT_EQ(admin.read_response().status, 200);

  const std::string wrong(32, '7');
  Client front(server.front_port());
  for (const std::string& shown : {token, wrong, token.substr(1)}) {
    front.get("/sub?cname=a&seq=1&token=" + shown);
    EXPECT_EQ(front.read_response().body.find("nobodys-business") != std::string::npos,
              shown == token);
  }
  Client stranger(server.admin_port());
  stranger.get("/info", "Authorization: Bearer not-the-key-at-all-123\r\n");
  EXPECT_EQ(stranger.read_response().status, 401);
  admin.get("/info?config", bearer);
  EXPECT_EQ(admin.read_response().body.find(key), std::string::npos);
  server.signal(SIGHUP);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);

  const std::string logged = file_bytes(log);
  EXPECT_NE(logged.find("stopping"), std::string::npos) << "the log is not where it is looked for";
  for (const std::string& secret :
       {token, wrong, key, std::string("not-the-key-at-all"), std::string("nobodys-business")}) {
    EXPECT_EQ(logged.find(secret), std::string::npos) << logged;
  }
}

TEST(Secrets, OnlyItsOwnerReadsTheStateFile) {
  const TempFolder folder;
  ServerProcess server({"state_file=" + folder.file("state"), "drain_timeout=0"});
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  struct stat status = {};
  ASSERT_EQ(::stat(folder.file("state").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace support
