#include "comet/settings.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include <fmt/format.h>

#include "comet/access.h"
#include "comet/allowed_origins.h"
#include "comet/bearer_keys.h"
#include "comet/edit_distance.h"
#include "comet/listener_spec.h"
#include "comet/trusted_proxies.h"

namespace comet {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;
constexpr std::int64_t kPathBytesMax = 4095;  // PATH_MAX without its NUL

constexpr std::array<std::string_view, 2> kLogFormats{"text", "json"};
constexpr std::array<std::string_view, 7> kLevels{"trace", "debug", "info", "warn",
                                                  "error", "fatal", "off"};

std::optional<std::string> listener_complaint(std::string_view text) {
  auto spec = ListenerSpec::parse(text);
  if (spec) return std::nullopt;
  return spec.error();
}

const std::array kSettings{
    Setting{"reactors", [](Config& c) { return &c.reactors; }, Effect::kOnRestart, "", 0, 256,
            "Reactor threads, each with its own share of the connections; "
            "0 stands for one on each CPU that the process may run on."},
    Setting{"pin_reactors", [](Config& c) { return &c.pin_reactors; }, Effect::kOnRestart, "", 0, 0,
            "Pin each reactor to a CPU of its own, when there are enough of them."},
    Setting{"pidfile", [](Config& c) { return &c.pidfile; }, Effect::kOnRestart, "", 0,
            kPathBytesMax,
            "File that holds the process's number while the server runs; empty for none."},
    Setting{"drain_timeout", [](Config& c) { return &c.drain_timeout_s; }, Effect::kOnReload,
            "seconds", 0, kHour,
            "Time over which subscribers are sent away when the server is told to stop, so that "
            "they do not all come back at once; 0: at once."},
    Setting{"state_file", [](Config& c) { return &c.state_file; }, Effect::kOnRestart, "", 0,
            kPathBytesMax, "File that keeps channels and messages over a restart; empty for none."},
    Setting{"state_interval", [](Config& c) { return &c.state_interval_s; }, Effect::kOnRestart,
            "seconds", 0, kDay,
            "How often the state is saved while the server runs; 0: only when it stops."},
    Setting{"trusted_proxies",
            [](Config& c) { return &c.trusted_proxies; },
            Effect::kOnReload,
            "entries",
            0,
            1024,
            "Whose X-Forwarded-For and PROXY headers are believed: addresses, networks, and unix "
            "for whoever comes over a Unix socket.",
            {},
            TrustedProxies::complaint},

    Setting{
        "front.listen",
        [](Config& c) { return &c.front.listen; },
        Effect::kOnRestart,
        "addresses",
        1,
        64,
        "Addresses for subscribers, each as ADDRESS:PORT, [IPv6 ADDRESS]:PORT or "
        "unix:/path/to.sock; after a space may follow proxy (the PROXY protocol is spoken here) "
        "and mode=0660 (of a Unix socket's file).",
        {},
        listener_complaint},
    Setting{"front.auth", [](Config& c) { return &c.front.auth; }, Effect::kOnReload, "", 0, 0,
            "Whether a subscriber needs nothing or the token that /sign returned.", kAuthNames},
    Setting{"front.create_channels", [](Config& c) { return &c.front.create_channels; },
            Effect::kOnReload, "", 0, 0,
            "Whether a subscriber creates the channel that it asks for; otherwise one that nobody "
            "has pushed to or signed is answered 401. Under auth = \"token\" it never does."},
    Setting{
        "front.max_connections", [](Config& c) { return &c.front.max_connections; },
        Effect::kOnReload, "connections", 0, 1'000'000'000,
        "Connections that the front port may have at once, beyond which the answer is 503; 0: as "
        "many as the descriptor limit allows, less what is kept back."},
    Setting{
        "front.max_connections_per_address",
        [](Config& c) { return &c.front.max_connections_per_address; }, Effect::kOnReload,
        "connections", 0, 1'000'000'000,
        "The same for one client, which is an IPv4 address or an IPv6 network of 64 bits; beyond "
        "it the answer is 429. Who comes through one of trusted_proxies is counted only where "
        "the PROXY protocol names it. 0: no limit."},
    Setting{
        "front.accepts_per_second", [](Config& c) { return &c.front.accepts_per_second; },
        Effect::kOnReload, "connections", 0, 1'000'000,
        "New connections that the front port takes in a second; the others wait in the kernel's "
        "queue. 0: no limit."},
    Setting{"front.max_channels", [](Config& c) { return &c.front.max_channels; },
            Effect::kOnReload, "channels", 1, 1'000'000'000, "Channels that may exist at once."},
    Setting{"front.max_subscribers_per_channel",
            [](Config& c) { return &c.front.max_subscribers_per_channel; }, Effect::kOnReload,
            "subscribers", 1, 1'000'000'000, "Subscribers that one channel may have at once."},
    Setting{"front.max_channels_per_connection",
            [](Config& c) { return &c.front.max_channels_per_connection; }, Effect::kOnReload,
            "channels", 1, kChannelsPerConnectionMax,
            "Channels that one connection may subscribe to: `cname` repeated, or the operations of "
            "a WebSocket. Each counts as a subscriber of its channel."},
    Setting{"front.channel_buffer_size", [](Config& c) { return &c.front.channel_buffer_size; },
            Effect::kOnReload, "messages", 0, 1'000'000,
            "Messages that a channel keeps for subscribers who come later or come back."},
    Setting{"front.channel_timeout", [](Config& c) { return &c.front.channel_timeout_s; },
            Effect::kOnReload, "seconds", 1, 365 * kDay,
            "How long a channel lives without subscribers and without messages."},
    Setting{"front.polling_timeout", [](Config& c) { return &c.front.polling_timeout_s; },
            Effect::kOnReload, "seconds", 1, kDay,
            "Idle time after which a subscriber gets a heartbeat."},
    Setting{"front.sse_retry", [](Config& c) { return &c.front.sse_retry_ms; }, Effect::kOnReload,
            "milliseconds", 0, kHour * 1000,
            "After how long an EventSource comes back when its connection broke; 0: as its "
            "browser likes."},
    Setting{
        "front.allow_origins",
        [](Config& c) { return &c.front.allow_origins; },
        Effect::kOnReload,
        "origins",
        0,
        256,
        "Whose pages may subscribe: * for all, origins like https://example.com (these may send "
        "credentials), or patterns like *.example.com; others get 403.",
        {},
        AllowedOrigins::complaint},
    Setting{"front.backlog_messages", [](Config& c) { return &c.front.backlog_messages; },
            Effect::kOnReload, "messages", 1, 1'000'000,
            "How far a slow subscriber may fall behind the newest message."},
    Setting{"front.backlog_bytes", [](Config& c) { return &c.front.backlog_bytes; },
            Effect::kOnReload, "bytes", 4 * kKiB, 1024 * kMiB,
            "The same in bytes; whichever is reached first counts."},
    Setting{"front.slow_subscriber", [](Config& c) { return &c.front.slow_subscriber; },
            Effect::kOnReload, "", 0, 0,
            "What becomes of a subscriber who needs a message that is no longer kept: close its "
            "connection, so that it comes back with its seq, or skip to what is kept, told by "
            "next_seq.",
            kSlowSubscriberNames},
    Setting{
        "front.coalesce_us", [](Config& c) { return &c.front.coalesce_us; }, Effect::kOnReload,
        "microseconds", 0, 100'000,
        "In a burst, a channel's subscribers are served at most once in this time, and what came "
        "meanwhile leaves in one write; few subscribers are served more often. 0: at once."},
    Setting{
        "front.demo", [](Config& c) { return &c.front.demo; }, Effect::kOnReload, "", 0, 0,
        "Whether the page of the demonstration stands at /demo; make demo starts what feeds it."},

    Setting{"admin.listen",
            [](Config& c) { return &c.admin.listen; },
            Effect::kOnRestart,
            "addresses",
            1,
            64,
            "Addresses for the systems that publish, in the same spelling.",
            {},
            listener_complaint},
    Setting{"admin.allow",
            [](Config& c) { return &c.admin.allow; },
            Effect::kOnReload,
            "entries",
            0,
            1024,
            "Who may use the admin port: addresses, networks (10.0.0.0/8), prefixes (192.168) "
            "or all; the specific ones win over deny.",
            {},
            AccessList::complaint},
    Setting{"admin.deny",
            [](Config& c) { return &c.admin.deny; },
            Effect::kOnReload,
            "entries",
            0,
            1024,
            "Who may not, in the same spelling.",
            {},
            AccessList::complaint},
    Setting{
        "admin.reserved_descriptors", [](Config& c) { return &c.admin.reserved_descriptors; },
        Effect::kOnRestart, "descriptors", 8, 1'000'000,
        "Descriptors that the front port does not get, so that the admin port answers when it is "
        "full."},
    Setting{"admin.key",
            [](Config& c) { return &c.admin.key; },
            Effect::kOnReload,
            "keys",
            0,
            16,
            "When there are any, a request on the admin port must show one of them: "
            "Authorization: Bearer KEY.",
            {},
            BearerKeys::complaint,
            Secrecy::kSecret},

    Setting{"logger.level", [](Config& c) { return &c.logger.level; }, Effect::kOnReload, "", 0, 0,
            "The least important kind of line that is logged.", kLevels},
    Setting{"logger.output", [](Config& c) { return &c.logger.output; }, Effect::kOnReload, "", 1,
            kPathBytesMax, "Where the log goes: stderr, stdout or a file's path."},
    Setting{"logger.format", [](Config& c) { return &c.logger.format; }, Effect::kOnReload, "", 0,
            0,
            "How a line reads: text for people, or json with time, level and message for programs.",
            kLogFormats},

    Setting{"limits.target_bytes", [](Config& c) { return &c.limits.target_bytes; },
            Effect::kOnReload, "bytes", 256, 16 * kMiB,
            "Longest request target (path and query); beyond it the answer is 414."},
    Setting{"limits.header_bytes", [](Config& c) { return &c.limits.header_bytes; },
            Effect::kOnReload, "bytes", 1024, 16 * kMiB,
            "All headers of a request together; beyond it the answer is 431."},
    Setting{"limits.header_count", [](Config& c) { return &c.limits.header_count; },
            Effect::kOnReload, "headers", 1, 10'000,
            "Headers of a request; beyond it the answer is 431."},
    Setting{"limits.body_bytes", [](Config& c) { return &c.limits.body_bytes; }, Effect::kOnReload,
            "bytes", 1024, 1024 * kMiB, "Longest request body; beyond it the answer is 413."},
    Setting{"limits.content_bytes", [](Config& c) { return &c.limits.content_bytes; },
            Effect::kOnReload, "bytes", 1, 256 * kMiB,
            "Longest content of one message; beyond it the answer is 413."},
    Setting{"limits.batch_messages", [](Config& c) { return &c.limits.batch_messages; },
            Effect::kOnReload, "messages", 1, 100'000,
            "Messages in one request of POST /push; beyond it the answer is 413."},
    Setting{"limits.websocket_message_bytes",
            [](Config& c) { return &c.limits.websocket_message_bytes; }, Effect::kOnReload, "bytes",
            512, 16 * kMiB,
            "Longest message of a WebSocket client; beyond it the connection closes with 1009."},
    Setting{"limits.header_timeout", [](Config& c) { return &c.limits.header_timeout_s; },
            Effect::kOnReload, "seconds", 1, kHour,
            "Time that a client has for sending a request's head."},
    Setting{"limits.body_timeout", [](Config& c) { return &c.limits.body_timeout_s; },
            Effect::kOnReload, "seconds", 1, kHour,
            "Time that a client has for sending a request's body."},
    Setting{"limits.idle_timeout", [](Config& c) { return &c.limits.idle_timeout_s; },
            Effect::kOnReload, "seconds", 1, kDay,
            "Time that a connection may rest between two requests."},
    Setting{
        "limits.peer_timeout", [](Config& c) { return &c.limits.peer_timeout_s; },
        Effect::kOnRestart, "seconds", 0, kDay,
        "Time after which a client that acknowledges nothing, or takes nothing, is given up; 0: "
        "when the system does."},
    Setting{"limits.keepalive", [](Config& c) { return &c.limits.keepalive_s; }, Effect::kOnRestart,
            "seconds", 0, 32767,
            "Silence after which the kernel asks whether the client is still there; 0: never."},
    Setting{"limits.unsent_bytes", [](Config& c) { return &c.limits.unsent_bytes; },
            Effect::kOnRestart, "bytes", 0, 1024 * kMiB,
            "What the kernel takes for a client beyond what is on its way to it, so that one who "
            "does not read costs little; 0: what net.ipv4.tcp_wmem allows, often 4 MiB."},
    Setting{
        "limits.max_memory", [](Config& c) { return &c.limits.max_memory; }, Effect::kOnReload,
        "bytes", 0, 1024 * 1024 * 1024 * kMiB,
        "Memory that connections, subscribers, channels and messages may take together. When it "
        "is reached, what would make the server larger is refused: publishers are answered 503, "
        "subscribers 429. 0: no limit."},
};

}  // namespace

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
  // Beyond that it is another word, and the nearest name a riddle.
  return fewest <= std::max<std::size_t>(unknown.size() / 2, 1) ? nearest : std::string_view{};
}

std::string unknown_key(std::string_view key) {
  const std::string_view nearest = nearest_key(key);
  if (nearest.empty()) return fmt::format("unknown key {}", key);
  return fmt::format("unknown key {}; did you mean {}?", key, nearest);
}

}  // namespace comet
