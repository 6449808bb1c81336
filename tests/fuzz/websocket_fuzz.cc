// What a WebSocket client sends after its handshake: the first byte says into how many bytes at a
// time the rest is cut, which must not matter, and what comes out must be what a peer may say.
#include <string>
#include <vector>

#include "http/utf8.h"
#include "http/websocket_decoder.h"
#include "tests/fuzz/target.h"

namespace {

using http::WebsocketDecoder;
using State = WebsocketDecoder::State;

constexpr std::size_t kMessageBytesMax = 512;
constexpr std::size_t kControlBytesMax = 125;

// What has been decoded, to be compared.
struct Decoded {
  std::vector<std::string> events;
  bool failed = false;

  void add(const WebsocketDecoder& decoder, State state) {
    std::string event(1, static_cast<char>('0' + static_cast<int>(state)));
    if (state == State::kFailed) {
      failed = true;
      CHECK(!decoder.fault().reason.empty());
      event.append(std::to_string(static_cast<int>(decoder.fault().code)));
      event.append(decoder.fault().reason);
    } else {
      const std::string_view payload = decoder.payload();
      const bool message = state == State::kText || state == State::kBinary;
      CHECK(payload.size() <= (message ? kMessageBytesMax : kControlBytesMax));
      if (state == State::kText || state == State::kClose) CHECK(http::is_valid_utf8(payload));
      if (state == State::kClose) {
        const auto code = static_cast<std::uint16_t>(decoder.close_code());
        CHECK(code == 1005 || http::is_valid_close_code(code));
        event.append(std::to_string(code));
      }
      event.append(payload);
    }
    events.push_back(std::move(event));
  }
};

Decoded decode(std::string_view bytes, std::size_t step) {
  Decoded decoded;
  WebsocketDecoder decoder(kMessageBytesMax);
  while (!bytes.empty() && !decoded.failed) {
    const std::string_view piece = bytes.substr(0, step);
    const WebsocketDecoder::Progress progress = decoder.decode(piece);
    CHECK(progress.consumed <= piece.size());
    bytes.remove_prefix(progress.consumed);
    if (progress.state == State::kNeedMore) {
      CHECK(progress.consumed == piece.size());
    } else {
      decoded.add(decoder, progress.state);
    }
  }
  return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  const Decoded whole = decode(bytes, bytes.size());
  const Decoded cut = decode(bytes, 1 + data[0] % 16);
  CHECK(whole.events == cut.events);
  return 0;
}
