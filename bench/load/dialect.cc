#include "bench/load/dialect.h"

#include "bench/load/comet_dialect.h"
#include "bench/load/nats_dialect.h"
#include "bench/load/nchan_dialect.h"

namespace load {

std::string channel_name(const std::string& prefix, Channel channel) {
  return prefix + (channel == kBackgroundChannel ? "background" : std::to_string(channel));
}

std::unique_ptr<const Dialect> make_dialect(const Options& options) {
  switch (options.server) {
    case Server::kComet:
      if (options.polls()) return std::make_unique<CometPolls>(options);
      if (options.transport == Transport::kWs) return std::make_unique<CometSockets>(options);
      return std::make_unique<CometStreams>(options);
    case Server::kFloor:
      return std::make_unique<FloorStreams>(options);
    case Server::kNchan:
      return std::make_unique<Nchan>(options);
    case Server::kNats:
      return std::make_unique<Nats>(options);
  }
  return nullptr;
}

}  // namespace load
