#include "reactor/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <memory>

#include <gtest/gtest.h>

namespace reactor {
namespace {

struct Close {
  void operator()(std::FILE* stream) const { std::fclose(stream); }
};
using Stream = std::unique_ptr<std::FILE, Close>;

TEST(Terminal, AFileIsNone) {
  const Stream file(std::tmpfile());
  ASSERT_TRUE(file);
  EXPECT_FALSE(is_terminal(file.get()));
}

TEST(Terminal, APseudoTerminalIsOne) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0) GTEST_SKIP() << "no pseudo-terminals here";
  const Stream stream(::fdopen(master, "r+"));
  ASSERT_TRUE(stream);
  EXPECT_TRUE(is_terminal(stream.get()));
}

}  // namespace
}  // namespace reactor
