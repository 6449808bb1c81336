// What a TCP proxy sends before the client's first byte (the PROXY protocol, versions 1 and 2).
#include "reactor/proxy_header.h"

#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using State = reactor::ProxyHeader::State;
  const std::string_view bytes = fuzz::text_of(data, size);
  const reactor::ProxyHeader whole = reactor::ProxyHeader::parse(bytes);
  if (whole.state == State::kComplete) {
    CHECK(whole.size > 0 && whole.size <= bytes.size());
    CHECK(whole.size <= reactor::ProxyHeader::kBytesMax);
  }
  // However it is cut, it is waited for as long as it may become a header, and what was decided
  // once is decided.
  State before = State::kNeedMore;
  for (std::size_t end = 0; end <= bytes.size() && before == State::kNeedMore; ++end) {
    const reactor::ProxyHeader part = reactor::ProxyHeader::parse(bytes.substr(0, end));
    before = part.state;
    if (before == State::kComplete) CHECK(part.size == end && part.client == whole.client);
  }
  CHECK(before == whole.state);
  return 0;
}
