#include "tests/support/server_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

namespace support {
namespace {

std::uint16_t port_after(std::string_view line, std::string_view label) {
  std::uint16_t port = 0;
  const std::string key = std::string(label) + " on 127.0.0.1:";
  const std::size_t found = line.find(key);
  if (found == std::string_view::npos ||
      std::from_chars(line.data() + found + key.size(), line.data() + line.size(), port).ec !=
          std::errc{}) {
    throw ClientError("the server said: " + std::string(line));
  }
  return port;
}

}  // namespace

ServerProcess::ServerProcess(const std::vector<std::string>& settings,
                             const std::vector<std::string>& flags, std::size_t descriptors,
                             const std::function<void()>& prepare) {
  std::vector<std::string> words{COMET_SERVER_BINARY};
  words.insert(words.end(), flags.begin(), flags.end());
  for (const std::string_view own : {"front.listen=127.0.0.1:0", "admin.listen=127.0.0.1:0"}) {
    words.insert(words.end(), {"--set", std::string(own)});
  }
  for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  int ends[2];
  if (::pipe(ends) != 0) throw ClientError("no pipe");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    const rlimit limit{descriptors, descriptors};
    if (descriptors != 0 && ::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::_exit(126);
    if (prepare) prepare();
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  output_ = ends[0];
  std::string all;
  for (;;) {
    const std::string line = read_line();
    all += line;
    if (line.empty()) {
      wait();
      throw ClientError("the server ended: " + all);
    }
    if (line.find("subscribers on") == std::string::npos) continue;
    front_port_ = port_after(line, "subscribers");
    admin_port_ = port_after(line, "admin");
    return;
  }
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    signal(SIGKILL);
    wait();
  }
  ::close(output_);
}

// kill(2) takes -1 for everybody.
void ServerProcess::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

int ServerProcess::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return status;
}

// With its newline; "" at the end.
std::string ServerProcess::read_line() {
  std::string line;
  const auto end = Clock::now() + patience();
  while (!line.ends_with('\n')) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd entry{output_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&entry, 1, static_cast<int>(left.count())) <= 0) {
      throw ClientError("the server does not start");
    }
    char byte = 0;
    if (::read(output_, &byte, 1) <= 0) break;
    line += byte;
  }
  return line;
}

}  // namespace support
