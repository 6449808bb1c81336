// Addresses as operators write them: what is understood can be printed and understood again.
#include "reactor/endpoint.h"

#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto endpoint = reactor::Endpoint::parse(text)) {
    const auto again = reactor::Endpoint::parse(endpoint->to_string());
    CHECK(again && *again == *endpoint);
  } else {
    CHECK(!endpoint.error().empty());
  }
  if (const auto address = reactor::IpAddress::parse(text)) {
    const auto again = reactor::IpAddress::parse(address->to_string());
    CHECK(again && *again == *address);
  }
  return 0;
}
