// /metrics: everything that the cores report, as Prometheus reads it.
//
// One table of metrics drives the page and docs/METRICS.md. Labels are the core, the transport, the
// class of memory and the reason, so their number is known when the server starts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "comet/core_report.h"
#include "comet/server_facts.h"

namespace comet {

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

// A row of the table as the documentation shows it.
struct MetricDescription {
  std::string_view name;
  MetricType type;
  std::string_view labels;  // separated by commas; "" for none
  std::string_view help;
};

// Of all metrics, in the order of the page.
std::vector<MetricDescription> metric_descriptions();

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

// The page, from a report of each core.
std::string render_metrics(const ServerFacts& facts, std::span<const CoreReport> cores);

// The table for docs/METRICS.md, in Markdown.
std::string render_metrics_table();

}  // namespace comet
