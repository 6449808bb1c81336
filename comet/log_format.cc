#include "comet/log_format.h"

#include <array>
#include <chrono>
#include <string>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>

#include "http/json.h"
#include "http/utf8.h"

namespace comet {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

// By spdlog's levels, in the words of logger.level.
constexpr std::array<std::string_view, 7> kLevels{"trace", "debug", "info", "warn",
                                                  "error", "fatal", "off"};

std::string json_string(std::string_view raw) {
  std::string escaped = "\"";
  if (http::is_valid_utf8(raw)) {
    http::append_json_escaped(escaped, raw);
  } else {
    std::string ascii;
    for (const char c : raw) {
      if (static_cast<unsigned char>(c) < 0x80) {
        ascii += c;
      } else {
        ascii += "\xef\xbf\xbd";  // U+FFFD
      }
    }
    http::append_json_escaped(escaped, ascii);
  }
  return escaped + '"';
}

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    using std::chrono::floor;
    const auto second = floor<std::chrono::seconds>(line.time);
    const auto ms = floor<std::chrono::milliseconds>(line.time - second).count();
    const std::string_view message(line.payload.data(), line.payload.size());
    fmt::format_to(std::back_inserter(out),
                   R"({{"time":"{:%Y-%m-%dT%H:%M:%S}.{:03}Z","level":"{}","message":{}}})",
                   fmt::gmtime(std::chrono::system_clock::to_time_t(second)), ms,
                   kLevels[static_cast<std::size_t>(line.level)], json_string(message));
    out.push_back('\n');
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

}  // namespace

std::unique_ptr<spdlog::formatter> make_log_formatter(std::string_view format) {
  if (format == "json") return std::make_unique<JsonFormatter>();
  return std::make_unique<spdlog::pattern_formatter>(kTextPattern, spdlog::pattern_time_type::utc);
}

}  // namespace comet
