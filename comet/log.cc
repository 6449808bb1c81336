#include "comet/log.h"

#include <memory>
#include <utility>

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace comet {
namespace {

// RFC 3339 in UTC, so that lines of several machines can be sorted together.
constexpr const char* kPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

spdlog::level::level_enum level_of(const std::string& name) {
  return name == "fatal" ? spdlog::level::critical : spdlog::level::from_str(name);
}

std::shared_ptr<spdlog::sinks::sink> make_sink(const std::string& output) {
  if (output == "stderr") return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  if (output == "stdout") return std::make_shared<spdlog::sinks::stdout_sink_mt>();
  return std::make_shared<spdlog::sinks::basic_file_sink_mt>(output);
}

}  // namespace

std::optional<reactor::Error> set_up_log(const Config::Logger& config) try {
  auto logger = std::make_shared<spdlog::logger>("comet", make_sink(config.output));
  logger->set_pattern(kPattern, spdlog::pattern_time_type::utc);
  logger->set_level(level_of(config.level));
  // Lines are rare, and the last one before a crash is the one that matters.
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  return std::nullopt;
} catch (const spdlog::spdlog_ex& failure) {
  return reactor::Error{fmt::format("logger.output: {}", failure.what())};
}

}  // namespace comet
