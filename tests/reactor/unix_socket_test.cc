#include "reactor/unix_socket.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reactor/loopback.h"
#include "tests/support/temp_folder.h"

namespace reactor {
namespace {

using namespace testing_loopback;
using testing::HasSubstr;

class UnixSocketTest : public testing::Test {
 protected:
  [[nodiscard]] Fd connect_to_path(int type = SOCK_STREAM) const {
    Fd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    const sockaddr_un to = address();
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return Fd();
    return fd;
  }

  // A socket that is bound to the path, as a process leaves it behind that dies.
  [[nodiscard]] Fd bind_path(int type = SOCK_STREAM) const {
    Fd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    const sockaddr_un to = address();
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    return fd;
  }

  [[nodiscard]] std::uint32_t mode() const {
    struct stat file {};
    EXPECT_EQ(::stat(path_.c_str(), &file), 0);
    return file.st_mode & 07777;
  }

  [[nodiscard]] std::string error() const {
    const auto listener = listen_on_unix(path_, 0600);
    return listener ? "none" : listener.error();
  }

  support::TempFolder folder_;
  std::string path_ = folder_.file("a.sock");

 private:
  [[nodiscard]] sockaddr_un address() const {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, path_.data(), path_.size());
    return to;
  }
};

TEST_F(UnixSocketTest, ClientsConnectAndAreAccepted) {
  const auto listener = listen_on_unix(path_, 0600);
  ASSERT_TRUE(listener.ok()) << listener.error();
  const Fd client = connect_to_path();
  ASSERT_TRUE(client);
  ASSERT_TRUE(await(listener->fd.get(), POLLIN));
  const Accepted accepted = accept_one(listener->fd);
  ASSERT_EQ(accepted.status, Accepted::Status::kOk);
  send(accepted.fd.get(), "hello");
  std::array<char, 8> bytes{};
  EXPECT_EQ(receive(client.get(), bytes).bytes, 5u);
  EXPECT_EQ(accept_one(listener->fd).status, Accepted::Status::kNothing);
}

TEST_F(UnixSocketTest, TheFileHasTheModeWhateverTheUmask) {
  for (const mode_t mask : {mode_t{0}, mode_t{0022}, mode_t{0777}}) {
    const mode_t before = ::umask(mask);
    for (const std::uint32_t wanted : {0600u, 0660u, 0666u}) {
      const auto listener = listen_on_unix(path_, wanted);
      EXPECT_TRUE(listener.ok()) << listener.error();
      EXPECT_EQ(mode(), wanted) << mask;
    }
    ::umask(before);
  }
}

TEST_F(UnixSocketTest, TheFileGoesWithItsOwner) {
  {
    auto listener = listen_on_unix(path_, 0600);
    ASSERT_TRUE(listener.ok());
    const SocketFile moved = std::move(listener->file);
    EXPECT_EQ(moved.path(), path_);
    EXPECT_TRUE(std::filesystem::exists(path_));
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixSocketTest, TheFileOfASuccessorStays) {
  std::optional<UnixListener> first;
  {
    auto listener = listen_on_unix(path_, 0600);
    ASSERT_TRUE(listener.ok());
    first.emplace(std::move(*listener));
  }
  // Kept, so that the kernel does not give the number of its inode to the next.
  std::filesystem::rename(path_, folder_.file("kept"));
  const auto second = listen_on_unix(path_, 0600);
  ASSERT_TRUE(second.ok()) << second.error();
  first.reset();
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_TRUE(connect_to_path());
}

TEST_F(UnixSocketTest, WhatADeadServerLeftIsReplaced) {
  bind_path().reset();
  ASSERT_TRUE(std::filesystem::exists(path_));
  const auto listener = listen_on_unix(path_, 0600);
  ASSERT_TRUE(listener.ok()) << listener.error();
  EXPECT_TRUE(connect_to_path());
}

TEST_F(UnixSocketTest, ASocketOnWhichSomebodyListensIsRefusedAndStays) {
  const auto first = listen_on_unix(path_, 0600);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(error(), "cannot listen on unix:" + path_ + ": somebody listens there already");
  EXPECT_TRUE(connect_to_path());
}

TEST_F(UnixSocketTest, ASocketOfAnotherKindIsRefusedAndStays) {
  const Fd datagrams = bind_path(SOCK_DGRAM);
  EXPECT_THAT(error(), HasSubstr("cannot listen on unix:" + path_ + ": "));
  EXPECT_TRUE(connect_to_path(SOCK_DGRAM));
}

TEST_F(UnixSocketTest, AFileThatIsNoSocketIsRefusedAndStays) {
  std::ofstream(path_) << "precious";
  EXPECT_EQ(error(), "cannot listen on unix:" + path_ +
                         ": there is a file of that name that is not a socket");
  std::string text;
  std::ifstream(path_) >> text;
  EXPECT_EQ(text, "precious");

  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_THAT(error(), HasSubstr("not a socket"));
  EXPECT_TRUE(std::filesystem::is_directory(path_));
}

TEST_F(UnixSocketTest, ALinkToAStaleSocketIsRefusedAndBothStay) {
  bind_path().reset();
  const std::string target = folder_.file("target.sock");
  std::filesystem::rename(path_, target);
  std::filesystem::create_symlink(target, path_);
  EXPECT_THAT(error(), HasSubstr("not a socket"));
  EXPECT_TRUE(std::filesystem::exists(target));
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
}

TEST_F(UnixSocketTest, AFolderThatIsNotThereIsOneSentence) {
  path_ = folder_.file("nowhere/a.sock");
  EXPECT_EQ(error(), "cannot listen on unix:" + path_ + ": No such file or directory");
}

TEST_F(UnixSocketTest, OfServersThatStartAtOnceExactlyOneListens) {
  for (int round = 0; round < 20; ++round) {
    bind_path().reset();  // a stale one, which each of them would like to replace
    std::atomic<int> listening{0};
    std::vector<std::optional<UnixListener>> listeners(4);
    std::vector<std::thread> servers;
    for (auto& place : listeners) {
      servers.emplace_back([&] {
        auto listener = listen_on_unix(path_, 0600);
        if (!listener) return;
        place.emplace(std::move(*listener));
        ++listening;
      });
    }
    for (std::thread& server : servers) server.join();
    EXPECT_EQ(listening, 1);
    EXPECT_TRUE(connect_to_path());
  }
}

TEST(UnixPath, IsAbsoluteAndFitsTheKernelsAddress) {
  EXPECT_EQ(unix_path_complaint("/a"), std::nullopt);
  EXPECT_EQ(unix_path_complaint("/" + std::string(106, 'a')), std::nullopt);
  EXPECT_EQ(unix_path_complaint("/" + std::string(107, 'a')),
            "the path of a socket has at most 107 bytes");
  EXPECT_EQ(unix_path_complaint("a.sock"), "the path of a socket begins with /");
  EXPECT_EQ(unix_path_complaint(""), "the path of a socket begins with /");
  EXPECT_EQ(unix_path_complaint(std::string_view("/a\0b", 4)),
            "a path must not contain a zero byte");
}

TEST_F(UnixSocketTest, TheLongestPathWorks) {
  path_ = folder_.file("");
  path_ += std::string(107 - path_.size(), 'x');
  const auto listener = listen_on_unix(path_, 0600);
  ASSERT_TRUE(listener.ok()) << listener.error();
  EXPECT_TRUE(connect_to_path());
}

}  // namespace
}  // namespace reactor
