#include "reactor/fd.h"

#include <fcntl.h>

#include <utility>

#include <gtest/gtest.h>

namespace reactor {
namespace {

bool is_open(int number) { return ::fcntl(number, F_GETFD) != -1; }

Fd open_something() { return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

TEST(Fd, ANewOneIsNone) {
  const Fd none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.get(), -1);
}

TEST(Fd, ClosesWhenItGoes) {
  int number = -1;
  {
    const Fd fd = open_something();
    number = fd.get();
    ASSERT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(Fd, ResetClosesAtOnceAndOnlyOnce) {
  Fd fd = open_something();
  const int number = fd.get();
  fd.reset();
  EXPECT_FALSE(fd);
  EXPECT_FALSE(is_open(number));
  const Fd successor = open_something();  // gets the same number
  fd.reset();
  EXPECT_TRUE(is_open(successor.get()));
}

TEST(Fd, MovingPassesTheDescriptorOn) {
  Fd first = open_something();
  const int number = first.get();
  Fd second(std::move(first));
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(second.get(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(Fd, AssignmentClosesWhatWasThere) {
  Fd first = open_something();
  Fd second = open_something();
  const int closed = first.get();
  const int kept = second.get();
  first = std::move(second);
  EXPECT_FALSE(is_open(closed));
  EXPECT_TRUE(is_open(kept));
  EXPECT_EQ(first.get(), kept);
  Fd& itself = first;
  first = std::move(itself);
  EXPECT_TRUE(is_open(kept));
}

TEST(Fd, ADuplicateStaysOpenWhenTheFirstIsClosed) {
  Fd first = open_something();
  Fd second = first.duplicate();
  ASSERT_TRUE(second);
  EXPECT_NE(first.get(), second.get());
  EXPECT_EQ(::fcntl(second.get(), F_GETFD), FD_CLOEXEC);
  first.reset();
  EXPECT_TRUE(is_open(second.get()));
  EXPECT_FALSE(Fd().duplicate());
}

}  // namespace
}  // namespace reactor
