#include "comet/settings.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "comet/access.h"
#include "comet/overloaded.h"
#include "reactor/endpoint.h"

namespace comet {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;
constexpr std::int64_t kPathBytesMax = 4095;  // PATH_MAX without its NUL

constexpr std::array<std::string_view, 2> kAuths{"none", "token"};  // in the order of Auth
constexpr std::array<std::string_view, 7> kLevels{"trace", "debug", "info", "warn",
                                                  "error", "fatal", "off"};

std::optional<std::string> endpoint_complaint(std::string_view text) {
  auto endpoint = reactor::Endpoint::parse(text);
  if (endpoint) return std::nullopt;
  return endpoint.error();
}

std::optional<std::string> access_complaint(std::string_view text) {
  const std::string entry(text);
  auto access = AccessList::make({&entry, 1}, {});
  if (access) return std::nullopt;
  return access.error();
}

const std::array kSettings{
    Setting{"reactors", [](Config& c) { return &c.reactors; }, "", 0, 256,
            "Reactor threads, each with its own share of the connections; "
            "0 stands for one on each CPU that the process may run on."},
    Setting{"pin_reactors", [](Config& c) { return &c.pin_reactors; }, "", 0, 0,
            "Pin each reactor to a CPU of its own, when there are enough of them."},
    Setting{"pidfile", [](Config& c) { return &c.pidfile; }, "", 0, kPathBytesMax,
            "File that holds the process's number while the server runs; empty for none."},
    Setting{"drain_timeout", [](Config& c) { return &c.drain_timeout_s; }, "seconds", 0, kHour,
            "Time over which subscribers are sent away when the server is told to stop, so that "
            "they do not all come back at once; 0: at once."},

    Setting{"front.listen",
            [](Config& c) { return &c.front.listen; },
            "addresses",
            1,
            64,
            "Addresses for subscribers, each as ADDRESS:PORT or [IPv6 ADDRESS]:PORT.",
            {},
            endpoint_complaint},
    Setting{"front.auth", [](Config& c) { return &c.front.auth; }, "", 0, 0,
            "Whether a subscriber needs nothing or the token that /sign returned.", kAuths},
    Setting{"front.max_channels", [](Config& c) { return &c.front.max_channels; }, "channels", 1,
            1'000'000'000, "Channels that may exist at once."},
    Setting{"front.max_subscribers_per_channel",
            [](Config& c) { return &c.front.max_subscribers_per_channel; }, "subscribers", 1,
            1'000'000'000, "Subscribers that one channel may have at once."},
    Setting{"front.channel_buffer_size", [](Config& c) { return &c.front.channel_buffer_size; },
            "messages", 0, 1'000'000,
            "Messages that a channel keeps for subscribers who come later or come back."},
    Setting{"front.channel_timeout", [](Config& c) { return &c.front.channel_timeout_s; },
            "seconds", 1, 365 * kDay,
            "How long a channel lives without subscribers and without messages."},
    Setting{"front.polling_timeout", [](Config& c) { return &c.front.polling_timeout_s; },
            "seconds", 1, kDay, "Idle time after which a subscriber gets a heartbeat."},
    Setting{"front.allow_origin", [](Config& c) { return &c.front.allow_origin; }, "", 1, 1024,
            "What Access-Control-Allow-Origin says to browsers."},
    Setting{"front.backlog_messages", [](Config& c) { return &c.front.backlog_messages; },
            "messages", 1, 1'000'000,
            "How far a slow subscriber may fall behind the newest message."},
    Setting{"front.backlog_bytes", [](Config& c) { return &c.front.backlog_bytes; }, "bytes",
            4 * kKiB, 1024 * kMiB, "The same in bytes; whichever is reached first counts."},
    Setting{
        "front.coalesce_us", [](Config& c) { return &c.front.coalesce_us; }, "microseconds", 0,
        100'000,
        "In a burst, a channel's subscribers are served at most once in this time, and what came "
        "meanwhile leaves in one write; few subscribers are served more often. 0: at once."},

    Setting{"admin.listen",
            [](Config& c) { return &c.admin.listen; },
            "addresses",
            1,
            64,
            "Addresses for the systems that publish.",
            {},
            endpoint_complaint},
    Setting{"admin.allow",
            [](Config& c) { return &c.admin.allow; },
            "entries",
            0,
            1024,
            "Who may use the admin port: addresses, networks (10.0.0.0/8), prefixes (192.168) "
            "or all; the specific ones win over deny.",
            {},
            access_complaint},
    Setting{"admin.deny",
            [](Config& c) { return &c.admin.deny; },
            "entries",
            0,
            1024,
            "Who may not, in the same spelling.",
            {},
            access_complaint},

    Setting{"logger.level", [](Config& c) { return &c.logger.level; }, "", 0, 0,
            "The least important kind of line that is logged.", kLevels},
    Setting{"logger.output", [](Config& c) { return &c.logger.output; }, "", 1, kPathBytesMax,
            "Where the log goes: stderr, stdout or a file's path."},

    Setting{"limits.target_bytes", [](Config& c) { return &c.limits.target_bytes; }, "bytes", 256,
            16 * kMiB, "Longest request target (path and query); beyond it the answer is 414."},
    Setting{"limits.header_bytes", [](Config& c) { return &c.limits.header_bytes; }, "bytes", 1024,
            16 * kMiB, "All headers of a request together; beyond it the answer is 431."},
    Setting{"limits.header_count", [](Config& c) { return &c.limits.header_count; }, "headers", 1,
            10'000, "Headers of a request; beyond it the answer is 431."},
    Setting{"limits.body_bytes", [](Config& c) { return &c.limits.body_bytes; }, "bytes", 1024,
            1024 * kMiB, "Longest request body; beyond it the answer is 413."},
    Setting{"limits.content_bytes", [](Config& c) { return &c.limits.content_bytes; }, "bytes", 1,
            256 * kMiB, "Longest content of one message; beyond it the answer is 413."},
    Setting{"limits.header_timeout", [](Config& c) { return &c.limits.header_timeout_s; },
            "seconds", 1, kHour, "Time that a client has for sending a request's head."},
    Setting{"limits.body_timeout", [](Config& c) { return &c.limits.body_timeout_s; }, "seconds", 1,
            kHour, "Time that a client has for sending a request's body."},
    Setting{"limits.idle_timeout", [](Config& c) { return &c.limits.idle_timeout_s; }, "seconds", 1,
            kDay, "Time that a connection may rest between two requests."},
};

// Edits (insert, delete, replace, swap of neighbours) that lead from `a` to `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> edits(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) edits[i][0] = i;
  std::iota(edits[0].begin(), edits[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = edits[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      edits[i][j] = std::min({edits[i - 1][j] + 1, edits[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        edits[i][j] = std::min(edits[i][j], edits[i - 2][j - 2] + 1);
      }
    }
  }
  return edits[a.size()][b.size()];
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string in_unit(std::int64_t number, std::string_view unit) {
  return unit.empty() ? fmt::format("{}", number) : fmt::format("{} {}", number, unit);
}

std::string render_bounds(const Setting& setting) {
  return fmt::format("{} to {}", setting.min, in_unit(setting.max, setting.unit));
}

std::optional<std::string> text_complaint(const Setting& setting, const std::string& text) {
  if (!setting.choices.empty()) {
    if (std::ranges::find(setting.choices, text) != setting.choices.end()) return std::nullopt;
    return fmt::format("{} must be one of {}, not \"{}\"", setting.key,
                       fmt::join(setting.choices, ", "), text);
  }
  const auto length = static_cast<std::int64_t>(text.size());
  if (length < setting.min) return fmt::format("{} must not be empty", setting.key);
  if (length > setting.max) {
    return fmt::format("{} must not be longer than {} bytes", setting.key, setting.max);
  }
  if (has_control_character(text)) {
    return fmt::format("{} must not contain control characters", setting.key);
  }
  return std::nullopt;
}

std::optional<std::string> list_complaint(const Setting& setting,
                                          const std::vector<std::string>& list) {
  const auto count = static_cast<std::int64_t>(list.size());
  if (count < setting.min || count > setting.max) {
    return fmt::format("{} must have {}, not {}", setting.key, render_bounds(setting), count);
  }
  for (const std::string& entry : list) {
    if (has_control_character(entry)) {
      return fmt::format("{} must not contain control characters", setting.key);
    }
    if (!setting.complaint) continue;
    if (auto complaint = setting.complaint(entry)) {
      return fmt::format("{}: {}", setting.key, *complaint);
    }
  }
  return std::nullopt;
}

std::optional<std::string> number_complaint(const Setting& setting, std::int64_t number) {
  if (number >= setting.min && number <= setting.max) return std::nullopt;
  return fmt::format("{} must be {}, not {}", setting.key, render_bounds(setting), number);
}

Kind kind_of(const Value& value) { return static_cast<Kind>(value.index()); }

}  // namespace

Kind Setting::kind() const {
  return std::visit(Overloaded{
                        [](std::size_t* (*)(Config&)) { return Kind::kNumber; },
                        [](std::uint32_t* (*)(Config&)) { return Kind::kNumber; },
                        [](bool* (*)(Config&)) { return Kind::kBool; },
                        [](Auth* (*)(Config&)) { return Kind::kText; },
                        [](std::string* (*)(Config&)) { return Kind::kText; },
                        [](std::vector<std::string>* (*)(Config&)) { return Kind::kList; },
                    },
                    field);
}

std::string_view Setting::section() const {
  const std::size_t dot = key.find('.');
  return dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
}

std::string_view Setting::name() const { return key.substr(key.rfind('.') + 1); }

std::span<const Setting> settings() { return kSettings; }

const Setting* find_setting(std::string_view key) {
  const auto found = std::ranges::find(kSettings, key, &Setting::key);
  return found == kSettings.end() ? nullptr : &*found;
}

bool is_section(std::string_view name) {
  return !name.empty() && std::ranges::find(kSettings, name, &Setting::section) != kSettings.end();
}

std::string_view nearest_key(std::string_view unknown) {
  // Nobody's typing error is longer; and the table of edits grows with the square.
  if (unknown.size() > 128) return {};
  std::string_view nearest;
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (const Setting& setting : kSettings) {
    // The right name in the wrong section (or in none) is a near miss too.
    const std::string_view name = unknown.substr(unknown.rfind('.') + 1);
    const std::size_t edits = name == setting.name() ? 1 : edit_distance(unknown, setting.key);
    if (edits < fewest) {
      fewest = edits;
      nearest = setting.key;
    }
  }
  return nearest;
}

std::string unknown_key(std::string_view key) {
  const std::string_view nearest = nearest_key(key);
  if (nearest.empty()) return fmt::format("unknown key {}", key);
  return fmt::format("unknown key {}; did you mean {}?", key, nearest);
}

std::string_view kind_in_words(Kind kind) {
  switch (kind) {
    case Kind::kNumber:
      return "a whole number";
    case Kind::kBool:
      return "true or false";
    case Kind::kText:
      return "a string";
    case Kind::kList:
      break;
  }
  return "a list of strings";
}

std::optional<std::string> assign(const Setting& setting, const Value& value, Config& config) {
  if (kind_of(value) != setting.kind()) {
    return fmt::format("{} must be {}, not {}", setting.key, kind_in_words(setting.kind()),
                       kind_in_words(kind_of(value)));
  }
  std::optional<std::string> complaint;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    complaint = number_complaint(setting, *number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    complaint = text_complaint(setting, *text);
  } else if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    complaint = list_complaint(setting, *list);
  }
  if (complaint) return complaint;

  std::visit(
      Overloaded{
          [&](std::size_t* (*place)(Config&)) {
            *place(config) = static_cast<std::size_t>(std::get<std::int64_t>(value));
          },
          [&](std::uint32_t* (*place)(Config&)) {
            *place(config) = static_cast<std::uint32_t>(std::get<std::int64_t>(value));
          },
          [&](bool* (*place)(Config&)) { *place(config) = std::get<bool>(value); },
          [&](Auth* (*place)(Config&)) {
            const bool token = std::get<std::string>(value) == kAuths[1];
            *place(config) = token ? Auth::kToken : Auth::kNone;
          },
          [&](std::string* (*place)(Config&)) { *place(config) = std::get<std::string>(value); },
          [&](std::vector<std::string>* (*place)(Config&)) {
            *place(config) = std::get<std::vector<std::string>>(value);
          },
      },
      setting.field);
  return std::nullopt;
}

Value value_of(const Setting& setting, const Config& config) {
  Config copy = config;  // the places are of a mutable one
  return std::visit(
      Overloaded{
          [&](std::size_t* (*place)(Config&)) -> Value {
            return static_cast<std::int64_t>(*place(copy));
          },
          [&](std::uint32_t* (*place)(Config&)) -> Value {
            return static_cast<std::int64_t>(*place(copy));
          },
          [&](bool* (*place)(Config&)) -> Value { return *place(copy); },
          [&](Auth* (*place)(Config&)) -> Value {
            return std::string(kAuths[static_cast<std::size_t>(*place(copy))]);
          },
          [&](std::string* (*place)(Config&)) -> Value { return std::move(*place(copy)); },
          [&](std::vector<std::string>* (*place)(Config&)) -> Value {
            return std::move(*place(copy));
          },
      },
      setting.field);
}

std::string render_value(const Value& value) {
  const auto quoted = [](const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + '"';
  };
  return std::visit(Overloaded{
                        [](std::int64_t number) { return fmt::format("{}", number); },
                        [](bool yes) { return std::string(yes ? "true" : "false"); },
                        [&](const std::string& text) { return quoted(text); },
                        [&](const std::vector<std::string>& list) {
                          std::vector<std::string> entries;
                          std::ranges::transform(list, std::back_inserter(entries), quoted);
                          return fmt::format("[{}]", fmt::join(entries, ", "));
                        },
                    },
                    value);
}

std::string render_range(const Setting& setting) {
  if (!setting.choices.empty()) return fmt::format("{}", fmt::join(setting.choices, ", "));
  switch (setting.kind()) {
    case Kind::kNumber:
    case Kind::kList:
      return render_bounds(setting);
    case Kind::kBool:
      return "true, false";
    case Kind::kText:
      break;
  }
  return {};
}

}  // namespace comet
