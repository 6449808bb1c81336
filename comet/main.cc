// comet-server: reads the command line and the configuration, starts the server, and waits to be
// told to stop. Whatever an operator got wrong is one sentence on stderr, before any core starts.
#include <cerrno>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "comet/config.h"
#include "comet/log.h"
#include "comet/server.h"
#include "comet/version.h"
#include "reactor/descriptor_limit.h"
#include "reactor/endpoint.h"
#include "reactor/pidfile.h"
#include "reactor/result.h"
#include "reactor/signals.h"

namespace {

constexpr int kSuccess = 0;
constexpr int kFailure = 1;

// Descriptors that are not connections: the standard three, the log, the pidfile, and what every
// reactor keeps for itself and for its listeners.
constexpr std::size_t kDescriptorsOfProcess = 16;

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
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (in.is_open()) text.assign(std::istreambuf_iterator<char>(in), {});
  // A folder opens well and fails at the first read, which the stream's buffer only shows in errno.
  if (!in.is_open() || errno != 0) {
    return reactor::Error{path + ": " + std::generic_category().message(errno)};
  }
  return text;
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

// The configured addresses with the ports that the kernel gave where they say 0.
std::string render_addresses(const std::vector<std::string>& listen,
                             const std::vector<std::uint16_t>& ports) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < listen.size(); ++i) {
    auto endpoint = reactor::Endpoint::parse(listen[i]);
    if (!endpoint) continue;
    if (i < ports.size()) endpoint->port = ports[i];
    out.push_back(endpoint->to_string());
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

void announce(const comet::Config& config, const comet::Server& server, std::size_t descriptors) {
  const std::size_t reactors = server.reactors();
  const std::size_t listeners = config.front.listen.size() + config.admin.listen.size();
  const std::size_t kept = kDescriptorsOfProcess + reactors * (2 + listeners);
  fmt::print(
      "comet-server {}: subscribers on {}, admin on {}, {} reactor{}, up to {} connections\n",
      comet::kVersion, render_addresses(config.front.listen, server.front_ports()),
      render_addresses(config.admin.listen, server.admin_ports()), reactors,
      reactors == 1 ? "" : "s", descriptors > kept ? descriptors - kept : 0);
  std::fflush(stdout);
}

int serve(const comet::Config& config) {
  reactor::Signals signals;
  const auto descriptors = reactor::raise_descriptor_limit();
  if (!descriptors) return fail(descriptors.error());
  if (const auto error = comet::set_up_log(config.logger)) return fail(error->message);
  const auto pidfile = reactor::Pidfile::create(config.pidfile);
  if (!pidfile) return fail(pidfile.error());
  auto server = comet::Server::start(config);
  if (!server) return fail(server.error());

  announce(config, **server, *descriptors);
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
