#include "comet/metrics.h"

#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <limits>
#include <sstream>
#include <utility>
#include <vector>

#include "comet/version.h"

namespace comet {
namespace {

using prometheus::ClientMetric;
using Labels = std::vector<ClientMetric::Label>;
using reactor::Histogram;

// What the metrics are read from, and the samples of the one that is being read.
class Samples {
 public:
  Samples(const ServerFacts& facts, std::span<const CoreReport> cores)
      : facts_(facts), cores_(cores), sum_(sum_of(cores)) {}

  [[nodiscard]] const ServerFacts& facts() const { return facts_; }
  [[nodiscard]] std::span<const CoreReport> cores() const { return cores_; }
  [[nodiscard]] const CoreReport& sum() const { return sum_; }

  template <class Number>
  void add(Labels labels, Number value) {
    ClientMetric& sample = samples_.emplace_back();
    sample.label = std::move(labels);
    // The serializer reads the one that the metric's type names.
    sample.counter.value = static_cast<double>(value);
    sample.gauge.value = static_cast<double>(value);
  }
  template <class Read>
  void per_core(Read&& read) {
    for (const CoreReport& core : cores_) add({label(core)}, read(core));
  }
  // Bounds are the powers of two from `first` to `last`, each times `unit`.
  template <class Read>
  void histogram_per_core(double unit, unsigned first, unsigned last, Read&& read) {
    for (const CoreReport& core : cores_) {
      const Histogram& histogram = read(core);
      ClientMetric& sample = samples_.emplace_back();
      sample.label = {label(core)};
      sample.histogram.sample_count = histogram.count();
      sample.histogram.sample_sum = static_cast<double>(histogram.sum()) * unit;
      for (unsigned power = first; power <= last; ++power) {
        sample.histogram.bucket.push_back({histogram.count_up_to_power(power),
                                           static_cast<double>(std::uint64_t{1} << power) * unit});
      }
      sample.histogram.bucket.push_back(
          {histogram.count(), std::numeric_limits<double>::infinity()});
    }
  }
  void per_reason(CloseReasonRow::Kind kind) {
    for (const CloseReasonRow& row : kCloseReasonTable) {
      if (row.kind == kind) add({{"reason", std::string(row.name)}}, sum_.closes[row.reason]);
    }
  }

  static ClientMetric::Label label(const CoreReport& core) {
    return {"core", std::to_string(core.core)};
  }

  std::vector<ClientMetric> take() { return std::exchange(samples_, {}); }

 private:
  const ServerFacts& facts_;
  std::span<const CoreReport> cores_;
  const CoreReport sum_;
  std::vector<ClientMetric> samples_;
};

constexpr double kSecondsPerUs = 1e-6;
// 64 µs to 8 s, which is where turns and lags are, or should be seen not to be.
constexpr unsigned kFirstTimePower = 6;
constexpr unsigned kLastTimePower = 23;
// One subscriber to a million.
constexpr unsigned kLastCountPower = 20;

struct MemoryClass {
  std::string_view name;
  std::uint64_t MemoryUse::*bytes;
};
constexpr std::array<MemoryClass, 5> kMemoryClasses{{
    {"connections", &MemoryUse::connections},
    {"subscribers", &MemoryUse::subscribers},
    {"channels", &MemoryUse::channels},
    {"history", &MemoryUse::history},
    {"buffers", &MemoryUse::buffers},
}};

struct MetricRow {
  MetricDescription description;
  void (*read)(Samples& samples);
};

constexpr auto kCounter = MetricType::kCounter;
constexpr auto kGauge = MetricType::kGauge;
constexpr auto kHistogram = MetricType::kHistogram;

constexpr std::array kRows{
    MetricRow{{"comet_build_info", kGauge, "version", "1; the label says which version runs."},
              [](Samples& s) {
                s.add({{"version", kVersion}}, 1);
              }},
    MetricRow{{"comet_start_time_seconds", kGauge, "", "When the server started, in Unix time."},
              [](Samples& s) { s.add({}, s.facts().started_unix_s); }},
    MetricRow{{"comet_draining", kGauge, "", "1 from the beginning of the drain on, else 0."},
              [](Samples& s) { s.add({}, s.facts().phase == ServerPhase::kServing ? 0 : 1); }},
    MetricRow{
        {"comet_connections", kGauge, "core", "Open connections, of both ports."},
        [](Samples& s) { s.per_core([](const CoreReport& core) { return core.connections; }); }},
    MetricRow{{"comet_subscribers", kGauge, "core, transport", "Subscribers that wait."},
              [](Samples& s) {
                for (const CoreReport& core : s.cores()) {
                  for (const Transport transport : kListedTransports) {
                    s.add(
                        {Samples::label(core), {"transport", std::string(row_of(transport).name)}},
                        core.subscribers[transport]);
                  }
                }
              }},
    MetricRow{{"comet_lagging_subscribers", kGauge, "core",
               "Subscribers whose socket is full, and who fall behind."},
              [](Samples& s) { s.per_core([](const CoreReport& core) { return core.lagging; }); }},
    MetricRow{{"comet_channels", kGauge, "core", "Channels, by the core that numbers them."},
              [](Samples& s) { s.per_core([](const CoreReport& core) { return core.channels; }); }},
    MetricRow{{"comet_channels_max", kGauge, "", "front.max_channels."},
              [](Samples& s) { s.add({}, s.facts().channels_max); }},
    MetricRow{
        {"comet_messages_received_total", kCounter, "core",
         "Messages that got a number; a broadcast counts once for each channel."},
        [](Samples& s) { s.per_core([](const CoreReport& core) { return core.messages_in; }); }},
    MetricRow{{"comet_deliveries_total", kCounter, "core", "Messages sent to one subscriber each."},
              [](Samples& s) {
                s.per_core([](const CoreReport& core) { return core.deliveries.deliveries; });
              }},
    MetricRow{
        {"comet_writes_total", kCounter, "core",
         "System calls that deliveries took; fewer than deliveries where messages were joined."},
        [](Samples& s) {
          s.per_core([](const CoreReport& core) { return core.deliveries.sends; });
        }},
    MetricRow{
        {"comet_sent_bytes_total", kCounter, "core",
         "Bytes that the kernel took, heads and answers included."},
        [](Samples& s) { s.per_core([](const CoreReport& core) { return core.bytes_out; }); }},
    MetricRow{
        {"comet_delivery_lag_seconds", kHistogram, "core",
         "From the receipt of a message to the end of the turn in which everybody on the core "
         "had been sent it."},
        [](Samples& s) {
          s.histogram_per_core(
              kSecondsPerUs, kFirstTimePower, kLastTimePower,
              [](const CoreReport& core) -> auto& { return core.delivery_lag_us; });
        }},
    MetricRow{{"comet_sweep_subscribers", kHistogram, "core",
               "Subscribers served by a sweep over those of a channel."},
              [](Samples& s) {
                s.histogram_per_core(
                    1, 0, kLastCountPower,
                    [](const CoreReport& core) -> auto& { return core.sweep_subscribers; });
              }},
    MetricRow{{"comet_turn_seconds", kHistogram, "core",
               "Turns of the loop, without the wait for events."},
              [](Samples& s) {
                s.histogram_per_core(
                    kSecondsPerUs, kFirstTimePower, kLastTimePower,
                    [](const CoreReport& core) -> auto& { return core.turns.turn_us; });
              }},
    MetricRow{{"comet_long_turns_total", kCounter, "core", "Turns of more than 10 ms."},
              [](Samples& s) {
                s.per_core([](const CoreReport& core) { return core.turns.long_turns; });
              }},
    MetricRow{{"comet_longest_turn_seconds", kGauge, "core", "The longest turn since the start."},
              [](Samples& s) {
                s.per_core([](const CoreReport& core) {
                  return static_cast<double>(core.turns.turn_us.max()) * kSecondsPerUs;
                });
              }},
    MetricRow{{"comet_mailbox_messages_max", kGauge, "core",
               "The most messages that ever waited for the core from one other."},
              [](Samples& s) {
                s.per_core(
                    [&](const CoreReport& core) { return longest_mail_to(core.core, s.cores()); });
              }},
    MetricRow{{"comet_mailbox_backlog_messages", kGauge, "core",
               "Messages that wait for the core outside of its full mailboxes."},
              [](Samples& s) {
                s.per_core(
                    [&](const CoreReport& core) { return mail_backlog_of(core.core, s.cores()); });
              }},
    MetricRow{{"comet_memory_bytes", kGauge, "core, class",
               "Bytes by what they serve; not the allocator's own, not the kernel's."},
              [](Samples& s) {
                for (const CoreReport& core : s.cores()) {
                  for (const MemoryClass& row : kMemoryClasses) {
                    s.add({Samples::label(core), {"class", std::string(row.name)}},
                          core.memory.*row.bytes);
                  }
                }
              }},
    MetricRow{{"comet_memory_limit_bytes", kGauge, "",
               "limits.max_memory, for all classes and cores together; 0: none."},
              [](Samples& s) { s.add({}, s.facts().memory_limits.total.value_or(0)); }},
    MetricRow{{"comet_memory_short", kGauge, "core",
               "1 while the core refuses what would make the server larger, else 0."},
              [](Samples& s) {
                s.per_core([](const CoreReport& core) {
                  return core.memory_state == MemoryState::kShort ? 1 : 0;
                });
              }},
    MetricRow{{"comet_descriptors", kGauge, "", "Descriptors that the process has open."},
              [](Samples& s) { s.add({}, s.sum().descriptors + s.facts().process_descriptors); }},
    MetricRow{{"comet_descriptors_max", kGauge, "", "The process's limit of them."},
              [](Samples& s) { s.add({}, s.facts().descriptors_max); }},
    MetricRow{{"comet_refused_total", kCounter, "reason",
               "Connections, subscribers and requests that were turned away."},
              [](Samples& s) { s.per_reason(CloseReasonRow::Kind::kRefused); }},
    MetricRow{{"comet_closed_total", kCounter, "reason", "Connections and subscribers that ended."},
              [](Samples& s) { s.per_reason(CloseReasonRow::Kind::kClosed); }},
};

prometheus::MetricType serializer_type(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return prometheus::MetricType::Counter;
    case MetricType::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricType::kHistogram:
      break;
  }
  return prometheus::MetricType::Histogram;
}

std::string_view name_of(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      break;
  }
  return "histogram";
}

}  // namespace

std::vector<MetricDescription> metric_descriptions() {
  std::vector<MetricDescription> descriptions;
  for (const MetricRow& row : kRows) descriptions.push_back(row.description);
  return descriptions;
}

std::string render_metrics(const ServerFacts& facts, std::span<const CoreReport> cores) {
  Samples samples(facts, cores);
  std::vector<prometheus::MetricFamily> families;
  for (const MetricRow& row : kRows) {
    row.read(samples);
    families.push_back({std::string(row.description.name), std::string(row.description.help),
                        serializer_type(row.description.type), samples.take()});
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return out.str();
}

std::string render_metrics_table() {
  std::string table = "| metric | type | labels | what it says |\n|---|---|---|---|\n";
  for (const MetricRow& row : kRows) {
    const MetricDescription& metric = row.description;
    table += fmt::format("| `{}` | {} | {} | {} |\n", metric.name, name_of(metric.type),
                         metric.labels, metric.help);
  }
  return table;
}

}  // namespace comet
