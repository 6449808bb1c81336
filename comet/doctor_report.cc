#include "comet/doctor_report.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "http/json_writer.h"

namespace comet {
namespace {

using reactor::kUnlimited;

// ECMA-48 "select graphic rendition", by Verdict: green, grey, yellow, red.
constexpr std::array<std::string_view, 4> kColours{"\x1b[32m", "\x1b[90m", "\x1b[33m", "\x1b[31m"};
constexpr std::string_view kPlain = "\x1b[0m";

std::string render_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, kUnits[unit]);
}

std::string render_value(std::uint64_t value, Unit unit) {
  if (value == kUnlimited) return "unlimited";
  switch (unit) {
    case Unit::kCount:
      return fmt::format("{}", value);
    case Unit::kBytes:
      return render_bytes(value);
    case Unit::kPages:
      return fmt::format("{} pages", value);
    case Unit::kCpuMillis:
      return fmt::format("{:.2f} CPU", static_cast<double>(value) / 1000);
  }
  return {};
}

std::string_view name_of(Unit unit) {
  constexpr std::array<std::string_view, 4> kNames{"count", "bytes", "pages", "cpu_millis"};
  return kNames[static_cast<std::size_t>(unit)];
}

std::string render_current(const Diagnosis& diagnosis) {
  return diagnosis.current ? render_value(*diagnosis.current, diagnosis.unit) : "not known";
}

std::string painted(std::string_view text, Verdict verdict, Colour colour) {
  if (colour == Colour::kNever) return std::string(text);
  return fmt::format("{}{}{}", kColours[static_cast<std::size_t>(verdict)], text, kPlain);
}

std::size_t count(std::span<const Diagnosis> diagnoses, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(diagnoses, verdict, &Diagnosis::verdict));
}

std::string sum_up(std::span<const Diagnosis> diagnoses) {
  const std::size_t blocking = count(diagnoses, Verdict::kInTheWay);
  const std::size_t tight = count(diagnoses, Verdict::kTight);
  std::string tail;
  if (tight > 0) tail = fmt::format("{} {} tight", tight, tight == 1 ? "is" : "are");
  switch (worst(diagnoses)) {
    case Verdict::kInTheWay:
      return fmt::format("No: {} of these {} in the way{}.", blocking, blocking == 1 ? "is" : "are",
                         tail.empty() ? "" : ", " + tail);
    case Verdict::kTight:
      return fmt::format("Yes, though {}.", tail);
    case Verdict::kUnknown:
    case Verdict::kFine:
      break;
  }
  return "Yes.";
}

// Code points of UTF-8, which fmt counts so when it fills.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

void write_diagnosis(http::JsonWriter& json, const Diagnosis& diagnosis) {
  json.open('{')
      .member("what", diagnosis.what)
      .member("verdict", to_string(diagnosis.verdict))
      .member("unit", name_of(diagnosis.unit))
      .member("current", diagnosis.current == kUnlimited ? std::nullopt : diagnosis.current)
      .member("needed", diagnosis.needed)
      .member("why", diagnosis.why)
      .member("remedy", std::string_view(diagnosis.remedy))
      .close('}');
}

}  // namespace

std::string render_diagnoses(std::uint64_t subscribers, std::span<const Diagnosis> diagnoses,
                             Colour colour) {
  std::size_t what_width = 0;
  std::size_t current_width = 0;
  for (const Diagnosis& diagnosis : diagnoses) {
    what_width = std::max(what_width, width(diagnosis.what));
    current_width = std::max(current_width, render_current(diagnosis).size());
  }
  constexpr std::size_t kVerdictWidth = std::string_view("in the way").size();

  std::string out = fmt::format("Can this machine hold {} subscribers?\n\n", subscribers);
  auto end = std::back_inserter(out);
  for (const Diagnosis& diagnosis : diagnoses) {
    const std::string verdict = fmt::format("{:<{}}", to_string(diagnosis.verdict), kVerdictWidth);
    fmt::format_to(end, "  {}  {:<{}}  {:>{}}  needed {}\n",
                   painted(verdict, diagnosis.verdict, colour), diagnosis.what, what_width,
                   render_current(diagnosis), current_width,
                   render_value(diagnosis.needed, diagnosis.unit));
    if (diagnosis.verdict == Verdict::kFine) continue;
    fmt::format_to(end, "  {:{}}  {}\n", "", kVerdictWidth, diagnosis.why);
    if (diagnosis.verdict != Verdict::kUnknown && !diagnosis.remedy.empty()) {
      fmt::format_to(end, "  {:{}}  → {}\n", "", kVerdictWidth, diagnosis.remedy);
    }
  }
  fmt::format_to(end, "\n{}\n", painted(sum_up(diagnoses), worst(diagnoses), colour));
  return out;
}

std::string render_diagnoses_json(std::uint64_t subscribers, std::span<const Diagnosis> diagnoses) {
  http::JsonWriter json;
  json.open('{').member("subscribers", subscribers).member("verdict", to_string(worst(diagnoses)));
  json.key("diagnoses").open('[');
  for (const Diagnosis& diagnosis : diagnoses) write_diagnosis(json, diagnosis);
  json.close(']').close('}');
  return json.text() + "\n";
}

}  // namespace comet
