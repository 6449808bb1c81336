#include "comet/manual_page.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "comet/command_line.h"
#include "comet/environment.h"
#include "comet/roff.h"
#include "comet/settings.h"
#include "comet/version.h"

namespace comet {
namespace {

// When the sentences below last changed: a page that is rendered again must be the same.
constexpr std::string_view kDate = "2026-11-24";

// An entry of a list of the page.
struct Entry {
  std::string_view name;
  std::string_view text;
};

constexpr std::array kVariables{
    Entry{"NO_COLOR", "If it is not empty, --doctor prints no colours."},
    Entry{"NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID",
          "Set by a service manager that wants to be told of readiness, reloads, the end, and that "
          "the server is alive; see sd_notify(3)."},
    Entry{"LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES",
          "Set by a service manager that opened the sockets itself; see sd_listen_fds(3). Those "
          "named front and admin take the place of front.listen and admin.listen."},
};

constexpr std::array kSignals{
    Entry{"SIGTERM, SIGINT",
          "Drain: the front port closes, the subscribers are sent away over drain_timeout seconds, "
          "and the process ends with status 0. A second one ends it at once."},
    Entry{"SIGHUP",
          "Read the configuration file and the environment again. All of it comes into force or "
          "nothing; what changed, or what is wrong, is logged. No connection is closed."},
    Entry{"SIGUSR1", "Open the log file anew, for logrotate(8)."},
};

constexpr std::array kStatuses{
    Entry{"0", "The server was told to stop, or what was asked for is answered."},
    Entry{"1",
          "Something in the command line, the configuration or the system is wrong, as one line "
          "on standard error says; or --doctor found something in the way."},
};

constexpr std::array kFiles{
    Entry{"/etc/comet/comet.toml",
          "The configuration that the service reads. Without --config, no file is read."},
    Entry{"/etc/default/comet", "Environment of the service, and OPTIONS for its command line."},
    Entry{"/run/comet, /var/lib/comet, /var/log/comet",
          "What the service may write to: sockets and a pidfile, state, a log file."},
};

constexpr std::array<std::string_view, 3> kTry{
    "comet-server",
    "curl -N 'http://127.0.0.1:8100/stream?cname=news'",
    "curl 'http://127.0.0.1:8000/push?cname=news&content=hello'",
};
constexpr std::array<std::string_view, 2> kReload{
    "comet-server --config /etc/comet/comet.toml --check && systemctl reload comet",
    "comet-server --config /etc/comet/comet.toml --print-config",
};
constexpr std::array<std::string_view, 1> kOverride{
    "COMET_FRONT_AUTH=token comet-server --set front.listen=0.0.0.0:80,[::]:80",
};
constexpr std::array<std::string_view, 1> kDoctor{"comet-server --doctor 200000"};
constexpr std::array<std::string_view, 1> kImport{
    "comet-server --import-icomet /etc/icomet.conf > comet.toml",
};

void append_list(RoffPage& page, std::span<const Entry> entries) {
  for (const Entry& entry : entries) {
    page.item({entry.name});
    page.text(entry.text);
  }
}

// "-h,--help" as a person writes it.
std::string spaced(std::string_view names) {
  std::string out(names);
  for (std::size_t comma = 0; (comma = out.find(',', comma)) != std::string::npos; comma += 2) {
    out.insert(comma + 1, " ");
  }
  return out;
}

std::string as_sentence(std::string_view words) {
  std::string out(words);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z')
    out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out + '.';
}

void append_options(RoffPage& page) {
  page.heading("OPTIONS");
  for (const CommandOption& option : command_options()) {
    const std::string names = spaced(option.names);
    page.item({names, option.argument});
    page.text(as_sentence(option.sentence));
  }
}

void append_settings(RoffPage& page) {
  page.heading("CONFIGURATION");
  page.text(
      "The file is TOML; a key with a dot stands in a section: auth below [front] is front.auth. "
      "What comes later wins: default, file, environment, command line. A mistake is refused "
      "before anything starts, with line and column. On the command line and in the environment a "
      "list is written with commas.");
  const Config defaults;
  for (const Setting& setting : settings()) {
    page.item({setting.key});
    page.text(setting.sentence);
    const std::string range = render_range(setting);
    page.continued(fmt::format("Default: {}.{} A change needs a {}.",
                               render_value(value_of(setting, defaults)),
                               range.empty() ? "" : fmt::format(" Range: {}.", range),
                               setting.effect == Effect::kOnReload ? "reload" : "restart"));
  }
}

void append_environment(RoffPage& page) {
  page.heading("ENVIRONMENT");
  page.text(
      "Each setting has a variable. One that is within two letters of such a name is a warning in "
      "the log; other variables that begin with COMET_ are left alone.");
  for (const Setting& setting : settings()) {
    page.item({environment_name(setting)});
    page.text(fmt::format("{}.", setting.key));
  }
  append_list(page, kVariables);
}

void append_example(RoffPage& page, std::string_view sentence,
                    std::span<const std::string_view> lines) {
  page.paragraph(sentence);
  page.example(lines);
}

void append_section(RoffPage& page, std::string_view heading, std::span<const Entry> entries) {
  page.heading(heading);
  append_list(page, entries);
}

}  // namespace

std::string render_manual_page() {
  RoffPage page("COMET-SERVER", 8, kDate, fmt::format("comet {}", kVersion));
  page.heading("NAME");
  page.text("comet-server - pushes messages to many browsers and apps over HTTP");

  page.heading("SYNOPSIS");
  page.tag_line({"comet-server", "[OPTION]..."});

  page.heading("DESCRIPTION");
  page.text(
      "Subscribers ask for a channel on the front port, by long-polling (/poll), endless streaming "
      "(/stream), forever-iframe (/iframe) or server-sent events (/sse). Systems that publish use "
      "the admin port: /sign, /push, /pub, /broadcast, /close, /clear. Messages of a channel are "
      "numbered, so that a client that lost its connection gets what it missed.");
  page.paragraph(
      "The admin port also tells what the server does: /info, /channels, /metrics for Prometheus, "
      "/health/live, /health/ready, and a console for browsers at /console.");
  page.paragraph("The server stays in the foreground and logs to standard error.");

  append_options(page);
  append_settings(page);
  append_environment(page);
  append_section(page, "SIGNALS", kSignals);
  append_section(page, "EXIT STATUS", kStatuses);
  append_section(page, "FILES", kFiles);

  page.heading("EXAMPLES");
  page.text("Serve with the defaults, follow a channel, and push a message to it:");
  page.example(kTry);
  append_example(page,
                 "Look whether a changed file is right, reload it, and see what it says:", kReload);
  append_example(page, "Ask for tokens and listen on port 80, without a file:", kOverride);
  append_example(page, "See whether this machine can hold 200000 subscribers:", kDoctor);
  append_example(page, "Come from iComet:", kImport);

  page.heading("SEE ALSO");
  page.text("curl(1), systemctl(1), sd_notify(3), systemd.socket(5), logrotate(8)");
  page.paragraph(
      "/usr/share/doc/comet-server or /usr/share/doc/comet: API.md, OPERATION.md, "
      "ACCESS.md, METRICS.md.");
  return page.source();
}

}  // namespace comet
