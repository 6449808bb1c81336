#include "comet/info_page.h"

#include <fmt/chrono.h>

#include <optional>

#include "comet/version.h"
#include "http/json_writer.h"

namespace comet {
namespace {

using http::JsonWriter;

// RFC 3339, in UTC.
std::string timestamp(std::int64_t unix_s) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(unix_s)));
}

double ratio(std::uint64_t a, std::uint64_t b) {
  if (b == 0) return 0;
  // Two digits behind the point are enough to read, and more are noise.
  return static_cast<double>(a * 100 / b) / 100;
}

void write_subscribers(JsonWriter& json, const SubscriberCounts& counts) {
  json.open('{');
  for (const Transport transport : kListedTransports) {
    json.member(row_of(transport).name, counts[transport]);
  }
  json.close('}');
}

void write_core(JsonWriter& json, const CoreReport& core, std::span<const CoreReport> all) {
  json.open('{').member("core", core.core).member("connections", core.connections);
  write_subscribers(json.key("subscribers"), core.subscribers);
  json.member("channels", core.channels)
      .member("messages_in", core.messages_in)
      .member("deliveries", core.deliveries.deliveries)
      .member("bytes_out", core.bytes_out)
      .member("writes", core.deliveries.sends)
      .member("deliveries_per_write", ratio(core.deliveries.deliveries, core.deliveries.sends))
      .member("lagging", core.lagging)
      .member("mailbox_max", longest_mail_to(core.core, all))
      .member("longest_turn_us", core.turns.turn_us.max())
      .member("turns", core.turns.turn_us.count())
      .member("turns_over_10ms", core.turns.long_turns)
      .close('}');
}

void write_histogram(JsonWriter& json, const reactor::Histogram& histogram) {
  json.open('{')
      .member("count", histogram.count())
      .member("p50", histogram.percentile(50))
      .member("p99", histogram.percentile(99))
      .member("max", histogram.max());
  // Up to the bound that nothing exceeds, so that an idle server's page is short.
  json.key("buckets").open('[');
  for (unsigned power = 0; power < reactor::Histogram::kValueBits; ++power) {
    if (histogram.count() == 0) break;
    const std::uint64_t below = histogram.count_up_to_power(power);
    json.open('[').value(std::uint64_t{1} << power).value(below).close(']');
    if (below == histogram.count()) break;
  }
  json.close(']').close('}');
}

void write_memory(JsonWriter& json, std::string_view name, std::uint64_t bytes,
                  std::optional<std::uint64_t> limit) {
  json.key(name).open('{').member("bytes", bytes).member("limit", limit).close('}');
}

void write_closes(JsonWriter& json, const CloseCounts& closes, CloseReasonRow::Kind kind) {
  json.open('{');
  for (const CloseReasonRow& row : kCloseReasonTable) {
    if (row.kind == kind) json.member(row.name, closes[row.reason]);
  }
  json.close('}');
}

void write_state(JsonWriter& json, const StateFacts& state) {
  json.open('{').key("saved");
  if (state.saved_unix_s == 0) {
    json.null();
  } else {
    json.value(timestamp(state.saved_unix_s));
  }
  json.member("bytes", state.bytes)
      .member("channels", state.channels)
      .member("messages", state.messages)
      .member("duration_ms", state.duration_ms)
      .member("snapshots", state.snapshots)
      .member("errors", state.errors)
      .close('}');
}

}  // namespace

std::string render_info(const ServerFacts& facts, std::span<const CoreReport> cores) {
  const CoreReport sum = sum_of(cores);
  JsonWriter json;
  json.open('{')
      .member("version", std::string_view(kVersion))
      .member("channels", sum.channels)
      .member("subscribers", sum.subscribers.total())
      .member("pid", static_cast<std::uint64_t>(facts.pid))
      .member("uptime_s", facts.uptime_s)
      .member("start_time", std::string_view(timestamp(facts.started_unix_s)))
      .member("phase", name_of(facts.phase));

  json.key("reactors").open('[');
  for (const CoreReport& core : cores) write_core(json, core, cores);
  json.close(']');

  write_histogram(json.key("delivery_lag_us"), sum.delivery_lag_us);
  write_histogram(json.key("turn_us"), sum.turns.turn_us);
  write_histogram(json.key("sweep_subscribers"), sum.sweep_subscribers);

  json.key("memory").open('{');
  write_memory(json, "connections", sum.memory.connections, facts.memory_limits.connections);
  write_memory(json, "subscribers", sum.memory.subscribers, facts.memory_limits.subscribers);
  write_memory(json, "channels", sum.memory.channels, facts.memory_limits.channels);
  write_memory(json, "history", sum.memory.history, std::nullopt);
  write_memory(json, "buffers", sum.memory.buffers, std::nullopt);
  write_memory(json, "total", sum.memory.total(), facts.memory_limits.total);
  json.member("short", sum.memory_state == MemoryState::kShort);
  json.close('}');

  json.key("descriptors")
      .open('{')
      .member("used", sum.descriptors + facts.process_descriptors)
      .member("limit", facts.descriptors_max)
      .close('}');
  write_closes(json.key("refused"), sum.closes, CloseReasonRow::Kind::kRefused);
  write_closes(json.key("closed"), sum.closes, CloseReasonRow::Kind::kClosed);
  if (facts.state) write_state(json.key("state"), *facts.state);
  json.close('}');
  return json.text() + "\n";
}

std::string render_channel_info(std::string_view cname, std::int64_t now_unix_s,
                                std::span<const ChannelReport> cores) {
  const ChannelReport::Home* home = nullptr;
  SubscriberCounts subscribers;
  for (const ChannelReport& core : cores) {
    if (core.home) home = &*core.home;
    subscribers += core.subscribers;
  }
  JsonWriter json;
  json.open('{').member("cname", cname);
  if (home == nullptr) {
    json.member("subscribers", 0u).close('}');
    return json.text() + "\n";
  }
  const auto before = [&](std::uint64_t age_s) {
    return timestamp(now_unix_s - static_cast<std::int64_t>(age_s));
  };
  json.member("subscribers", home->subscribers)
      .member("first_seq", home->first_seq)
      .member("next_seq", home->next_seq)
      .member("messages", home->messages)
      .member("bytes", home->bytes)
      .member("created", std::string_view(before(home->age_s)));
  json.key("last_message");
  if (home->last_message_age_s) {
    json.value(before(*home->last_message_age_s));
  } else {
    json.null();
  }
  json.member("expires", home->expires_s);
  write_subscribers(json.key("by_transport"), subscribers);
  json.key("by_core").open('[');
  for (const ChannelReport& core : cores) json.value(core.subscribers.total());
  json.close(']').close('}');
  return json.text() + "\n";
}

}  // namespace comet
