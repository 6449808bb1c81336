#include "comet/log.h"

#include <memory>
#include <utility>

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "comet/log_format.h"

namespace comet {
namespace {

using Sink = std::shared_ptr<spdlog::sinks::sink>;

spdlog::level::level_enum level_of(const std::string& name) {
  return name == "fatal" ? spdlog::level::critical : spdlog::level::from_str(name);
}

Sink make_sink(const std::string& output) {
  if (output == "stderr") return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  if (output == "stdout") return std::make_shared<spdlog::sinks::stdout_sink_mt>();
  return std::make_shared<spdlog::sinks::basic_file_sink_mt>(output);
}

Sink make_sink_with_format(const Config::Logger& config) {
  Sink sink = make_sink(config.output);
  sink->set_formatter(make_log_formatter(config.format));
  return sink;
}

reactor::Error unwritable(const spdlog::spdlog_ex& failure) {
  return reactor::Error{fmt::format("logger.output: {}", failure.what())};
}

}  // namespace

Log::Log(Config::Logger config) : config_(std::move(config)) {}

// To replace spdlog's default logger would be a race with those who log. So there is one for good,
// and what lies behind it is replaced under its lock.
reactor::Result<Log> Log::open(const Config::Logger& config) try {
  auto replaceable = std::make_shared<spdlog::sinks::dist_sink_mt>();
  replaceable->set_sinks({make_sink_with_format(config)});
  auto logger = std::make_shared<spdlog::logger>("comet", std::move(replaceable));
  logger->set_level(level_of(config.level));
  // Lines are rare, and the last one before a crash is the one that matters.
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  return Log(config);
} catch (const spdlog::spdlog_ex& failure) {
  return unwritable(failure);
}

std::optional<reactor::Error> Log::reconfigure(const Config::Logger& config) try {
  spdlog::logger& logger = *spdlog::default_logger_raw();
  static_cast<spdlog::sinks::dist_sink_mt&>(*logger.sinks().front())
      .set_sinks({make_sink_with_format(config)});
  logger.set_level(level_of(config.level));
  config_ = config;
  return std::nullopt;
} catch (const spdlog::spdlog_ex& failure) {
  return unwritable(failure);
}

}  // namespace comet
