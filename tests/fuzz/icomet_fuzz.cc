// A configuration of iComet's: it becomes one of ours that loads, or is refused in one sentence.
#include "comet/config_source.h"
#include "comet/icomet_import.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto toml = comet::import_icomet(fuzz::text_of(data, size), "icomet.conf");
  if (!toml) {
    fuzz::check_is_one_line(toml.error());
    CHECK(toml.error().starts_with("icomet.conf:"));
    return 0;
  }
  const comet::ConfigSource source{"comet.toml", {}, {}};
  CHECK(source.load(*toml).ok());
  return 0;
}
