// comet-server: reads the command line and the configuration, starts the server, and waits to be
// told to stop. Whatever an operator got wrong is one sentence on stderr, before any core starts.
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include "comet/config.h"
#include "comet/log.h"
#include "comet/server.h"
#include "comet/version.h"
#include "http/request_parser.h"
#include "reactor/descriptor_limit.h"
#include "reactor/endpoint.h"
#include "reactor/pidfile.h"
#include "reactor/result.h"
#include "reactor/signals.h"

namespace {

constexpr int kSuccess = 0;
constexpr int kFailure = 1;

// Descriptors that are not connections: the standard three, the log, the pidfile; and of each
// reactor its epoll instance and its waker, beside its listeners.
constexpr std::size_t kDescriptorsOfProcess = 5;
constexpr std::size_t kDescriptorsOfReactor = 2;

int fail(std::string_view sentence) {
  fmt::print(stderr, "comet-server: {}\n", sentence);
  return kFailure;
}

struct Options {
  std::string config_path;  // empty: the defaults
  std::vector<std::string> overrides;
  bool check_only = false;
};

reactor::Result<std::string> read_file(const std::string& path) {
  // A folder opens well and throws at the first read.
  if (std::filesystem::is_directory(path)) return reactor::Error{path + ": is a folder"};
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return reactor::Error{path + ": " + std::generic_category().message(errno)};
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

reactor::Result<comet::Config> read_config(const Options& options) {
  std::string text;
  if (!options.config_path.empty()) {
    auto file = read_file(options.config_path);
    if (!file) return reactor::Error{file.error()};
    text = std::move(*file);
  }
  return comet::load_config(text, options.config_path, options.overrides);
}

std::string render_endpoints(const std::vector<reactor::Endpoint>& endpoints) {
  std::string out;
  for (const reactor::Endpoint& endpoint : endpoints) {
    if (!out.empty()) out += ", ";
    out += endpoint.to_string();
  }
  return out;
}

void announce(const comet::Server& server, std::size_t descriptors) {
  const std::size_t reactors = server.reactors();
  const std::size_t listeners = server.front().size() + server.admin().size();
  const std::size_t kept = kDescriptorsOfProcess + reactors * (kDescriptorsOfReactor + listeners);
  fmt::print(
      "comet-server {}: subscribers on {}, admin on {}, {} reactor{}, up to {} connections\n",
      comet::kVersion, render_endpoints(server.front()), render_endpoints(server.admin()), reactors,
      reactors == 1 ? "" : "s", descriptors > kept ? descriptors - kept : 0);
  std::fflush(stdout);
}

int serve(const comet::Config& config) {
  if (!http::RequestParser::runs_on_this_cpu()) {
    return fail("this build needs a CPU with SSE4.2; configure it with -DCOMET_SSE42=OFF");
  }
  reactor::Signals signals;
  const auto descriptors = reactor::raise_descriptor_limit();
  if (!descriptors) return fail(descriptors.error());
  if (const auto error = comet::set_up_log(config.logger)) return fail(error->message);
  const auto pidfile = reactor::Pidfile::create(config.pidfile);
  if (!pidfile) return fail(pidfile.error());
  auto server = comet::Server::start(config);
  if (!server) return fail(server.error());

  announce(**server, *descriptors);
  const int signal = signals.wait();
  spdlog::info("stopping on signal {}", signal);
  (*server)->stop();
  return kSuccess;
}

int run(int argc, char** argv) {
  CLI::App app("Pushes messages to many browsers and apps over HTTP", "comet-server");
  Options options;
  app.add_option("--config", options.config_path, "configuration file; the defaults without it")
      ->type_name("FILE");
  app.add_option("--set", options.overrides, "overrides a setting; may be repeated")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  app.add_flag("--check", options.check_only, "only looks whether the configuration is right");
  app.set_version_flag("--version", fmt::format("comet-server {}", comet::kVersion));
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wish) {  // --help and --version
    return app.exit(wish);
  } catch (const CLI::ParseError& error) {
    return fail(error.what());
  }

  const auto config = read_config(options);
  if (!config) return fail(config.error());
  if (options.check_only) {
    fmt::print("the configuration is right\n");
    return kSuccess;
  }
  return serve(*config);
}

}  // namespace

int main(int argc, char** argv) try {
  return run(argc, argv);
} catch (const std::exception& unexpected) {
  return fail(unexpected.what());
}
