// An entry of front.listen or admin.listen, with its options.
#include "comet/listener_spec.h"

#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const auto spec = comet::ListenerSpec::parse(text);
  if (!spec) {
    CHECK(!spec.error().empty());
    return 0;
  }
  CHECK(spec->mode <= 0777);
  // What it listens on can be printed and understood again.
  const auto again = comet::ListenerSpec::parse(comet::to_string(spec->address));
  CHECK(again && again->address == spec->address);
  return 0;
}
