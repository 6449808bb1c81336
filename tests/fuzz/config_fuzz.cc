// A configuration file: it is read, or refused in one sentence.
#include "comet/config_source.h"

#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const comet::ConfigSource source{"comet.toml", {}, {}};
  const auto loaded = source.load(fuzz::text_of(data, size));
  if (!loaded) {
    fuzz::check_is_one_line(loaded.error());
    return 0;
  }
  const comet::Config& config = loaded->config;
  // What was let in is within bounds that the rest relies on.
  CHECK(config.front.polling_timeout_s > 0);
  CHECK(config.front.channel_timeout_s > 0);
  CHECK(config.front.backlog_messages > 0);
  return 0;
}
