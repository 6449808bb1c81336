// A configuration file: it is read, or refused in one sentence.
#include "comet/config.h"

#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config = comet::load_config(fuzz::text_of(data, size), "comet.toml", {});
  if (!config) {
    fuzz::check_is_one_line(config.error());
    return 0;
  }
  // What was let in is within bounds that the rest relies on.
  CHECK(config->front.polling_timeout_s > 0);
  CHECK(config->front.channel_timeout_s > 0);
  CHECK(config->front.backlog_messages > 0);
  return 0;
}
