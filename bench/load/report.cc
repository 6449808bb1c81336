#include "bench/load/report.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "http/json_writer.h"

namespace load {
namespace {

using http::JsonWriter;

constexpr std::array<std::pair<std::string_view, double>, 4> kPercentiles{
    {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}}};

double to_us(std::uint64_t ns) { return static_cast<double>(ns) / 1e3; }

void write_publish(JsonWriter& json, const Results::Publish& publish) {
  json.open('{')
      .member("seconds", publish.seconds)
      .member("offered_per_second", publish.offered_per_second)
      .member("published", publish.published)
      .member("acknowledged", publish.acknowledged)
      .member("deliveries", publish.deliveries)
      .member("expected", publish.expected)
      .member("missing", publish.missing)
      .member("repeated", publish.repeated)
      .member("out_of_order", publish.out_of_order)
      .member("closed", publish.closed)
      .member("deliveries_per_second", publish.deliveries_per_second)
      .member("cpu_us_per_delivery", publish.cpu_us_per_delivery)
      .member("cpu_us_per_message", publish.cpu_us_per_message)
      .member("server_cpu_seconds", publish.server_cpu_seconds)
      .member("responses", publish.responses)
      .member("cpu_us_per_response", publish.cpu_us_per_response)
      .member("generator_load", publish.generator_load)
      .close('}');
}

void write_latency(JsonWriter& json, const Histogram& latency) {
  json.open('{');
  for (const auto& [name, percent] : kPercentiles) {
    json.member(name, to_us(latency.percentile(percent)));
  }
  json.member("max", to_us(latency.max())).member("count", latency.count());
  json.key("buckets").open('[');
  for (const auto& [upper, count] : latency.buckets()) {
    json.open('[').value(to_us(upper)).value(count).close(']');
  }
  json.close(']').close('}');
}

// A line of the table: what, how much, and more about it.
void row(std::string& out, std::string_view name, std::string_view value, std::string_view more) {
  out += fmt::format("  {:<22} {:>14}  {}", name, value, more);
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
}

// Missing on purpose where nothing was measured.
void row(std::string& out, std::string_view name, const std::optional<double>& us,
         std::string_view more) {
  if (us) row(out, name, fmt::format("{:.3f} us", *us), more);
}

void append_publish(std::string& out, const Results::Publish& publish) {
  const std::string offered =
      publish.offered_per_second ? fmt::format("{:g} a second offered", *publish.offered_per_second)
                                 : "closed loop";
  const double seconds = publish.seconds;
  row(out, "published", fmt::format("{}", publish.published),
      fmt::format("in {:.2f} s, {:.0f} a second, {}", seconds,
                  static_cast<double>(publish.published) / seconds, offered));
  row(out, "delivered", fmt::format("{}", publish.deliveries),
      fmt::format("of {}, {:.0f} a second", publish.expected, publish.deliveries_per_second));
  row(out, "CPU per delivery", publish.cpu_us_per_delivery,
      publish.server_cpu_seconds ? fmt::format("{:.3f} s of CPU", *publish.server_cpu_seconds)
                                 : "");
  row(out, "CPU per message", publish.cpu_us_per_message, "");
  row(out, "CPU per response", publish.cpu_us_per_response,
      publish.responses ? fmt::format("{} polls answered", *publish.responses) : "");
  row(out, "generator", fmt::format("{:.0f} %", publish.generator_load * 100), "of one core");
  if (publish.closed > 0) {
    row(out, "closed by the server", fmt::format("{}", publish.closed), "connections");
  }
  row(out, "faults", publish.faultless() ? "none" : "SOME",
      publish.faultless() ? "each message once and in order"
                          : fmt::format("{} missing, {} repeated, {} out of order", publish.missing,
                                        publish.repeated, publish.out_of_order));
}

}  // namespace

std::string to_json(const Options& options, const Results& results) {
  JsonWriter json;
  json.open('{').key("command").open('[');
  for (const std::string& word : options.command) json.value(word);
  json.close(']')
      .member("server", options.server_name)
      .member("transport", options.transport_name)
      .member("subscribers", options.subscribers)
      .member("channels", options.channels)
      .member("content_bytes", options.content_bytes);
  json.key("subscribe")
      .open('{')
      .member("seconds", results.subscribe.seconds)
      .member("cpu_us_per_connection", results.subscribe.cpu_us_per_connection)
      .close('}');
  json.key("memory");
  if (results.memory) {
    json.open('{')
        .member("pss_before", results.memory->pss_before)
        .member("pss_after", results.memory->pss_after)
        .member("bytes_per_subscriber", results.memory->bytes_per_subscriber)
        .close('}');
  } else {
    json.null();
  }
  json.key("idle");
  if (results.idle) {
    json.open('{')
        .member("seconds", results.idle->seconds)
        .member("cpu_us_per_subscriber_second", results.idle->cpu_us_per_subscriber_second)
        .close('}');
  } else {
    json.null();
  }
  json.key("publish");
  if (results.publish) {
    write_publish(json, *results.publish);
  } else {
    json.null();
  }
  json.key("latency_us");
  if (results.latency) {
    write_latency(json, *results.latency);
  } else {
    json.null();
  }
  json.key("slow");
  if (results.slow) {
    json.open('{')
        .member("subscribers", results.slow->subscribers)
        .member("closed", results.slow->closed)
        .close('}');
  } else {
    json.null();
  }
  json.close('}');
  return json.text() + "\n";
}

std::string to_table(const Options& options, const Results& results) {
  std::string out =
      fmt::format("{} {}, {} subscribers, {} channel{}, {}-byte contents\n", options.server_name,
                  options.transport_name, options.subscribers, options.channels,
                  options.channels == 1 ? "" : "s", options.content_bytes);
  const double seconds = results.subscribe.seconds;
  row(out, "subscribed in", fmt::format("{:.3f} s", seconds),
      fmt::format("{:.0f} a second", static_cast<double>(options.connections()) / seconds));
  row(out, "CPU per connection", results.subscribe.cpu_us_per_connection, "");
  if (results.memory) {
    row(out, "memory per subscriber", fmt::format("{:.1f} B", results.memory->bytes_per_subscriber),
        fmt::format("PSS from {} to {} KiB", results.memory->pss_before / 1024,
                    results.memory->pss_after / 1024));
  }
  if (results.idle) {
    row(out, "idle CPU", results.idle->cpu_us_per_subscriber_second,
        fmt::format("per subscriber and second, over {:.1f} s", results.idle->seconds));
  }
  if (results.publish) append_publish(out, *results.publish);
  if (results.latency) {
    for (const auto& [name, percent] : kPercentiles) {
      row(out, fmt::format("latency {}", name),
          fmt::format("{:.1f} us", to_us(results.latency->percentile(percent))), "");
    }
    row(out, "latency max", fmt::format("{:.1f} us", to_us(results.latency->max())), "");
  }
  if (results.slow) {
    row(out, "slow readers", fmt::format("{}", results.slow->subscribers),
        fmt::format("{} closed by the server", results.slow->closed));
  }
  return out;
}

}  // namespace load
