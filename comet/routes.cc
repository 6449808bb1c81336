#include "comet/routes.h"

namespace comet {
namespace {

constexpr auto kRoutes = std::to_array<Route>({
    {Port::kFront, "/poll", Endpoint::kPoll, "cname, seq, noop, token, cb",
     "long-polling with JSONP: one response, then the client asks again"},
    {Port::kFront, "/sub", Endpoint::kSub, "cname, seq, noop, token, cb",
     "the same, bare JSON unless `cb` is given"},
    {Port::kFront, "/stream", Endpoint::kStream, "cname, seq, noop, token",
     "endless response, one JSON object a chunk"},
    {Port::kFront, "/iframe", Endpoint::kIframe, "cname, seq, noop, token",
     "endless HTML for a hidden iframe, a script element a message"},
    {Port::kFront, "/sse", Endpoint::kSse, "cname, seq, last_event_id, noop, token",
     "server-sent events, for `EventSource`"},
    {Port::kFront, "/ws", Endpoint::kWs, "cname, seq, noop, token",
     "WebSocket, one JSON object a text message; channels come and go on the way"},
    {Port::kFront, "/ping", Endpoint::kPing, "cb",
     "is the server there, and how often does it beat"},
    {Port::kAdmin, "/sign", Endpoint::kSign, "cname, expires, cb",
     "creates or renews a channel and returns its token"},
    {Port::kAdmin, "/push", Endpoint::kPush, "cname, content, cb",
     "publishes a message, or thousands as JSON"},
    {Port::kAdmin, "/pub", Endpoint::kPub, "cname, content, cb",
     "publishes content that is JSON-escaped already (deprecated)"},
    {Port::kAdmin, "/broadcast", Endpoint::kBroadcast, "content", "publishes to every channel"},
    {Port::kAdmin, "/close", Endpoint::kClose, "cname",
     "tells a channel's subscribers `close`, ends them and forgets the channel"},
    {Port::kAdmin, "/clear", Endpoint::kClear, "cname",
     "forgets a channel's buffered messages, keeps its numbering"},
    {Port::kAdmin, "/info", Endpoint::kInfo, "[cname], [config]",
     "how the server is, or one channel; or the configuration in force"},
    {Port::kAdmin, "/channels", Endpoint::kChannels, "prefix, after, limit, sort",
     "lists channels, a page at a time"},
    {Port::kAdmin, "/metrics", Endpoint::kMetrics, "", "the same as `/info`, for Prometheus"},
    {Port::kAdmin, "/health/live", Endpoint::kLive, "", "200 while the server runs", Guard::kOpen},
    {Port::kAdmin, "/health/ready", Endpoint::kReady, "",
     "200, or 503 and why the server should get no more work", Guard::kOpen},
    {Port::kAdmin, "/check", Endpoint::kCheck, "cname", "does the channel exist"},
    {Port::kAdmin, "/psub", Endpoint::kPsub, "[events]",
     "endless response: `1 cname` when a channel appears, `0 cname` when it is gone; with "
     "`events=subscribers` also `join 3 cname`, `leave 2 cname`"},
    {Port::kAdmin, "/presence", Endpoint::kPresence, "cname, after, limit",
     "lists a channel's subscribers, a page at a time: address, transport, since when"},
    {Port::kAdmin, "/tail", Endpoint::kTail, "cname, seq, noop",
     "endless response as `/stream`, for an administrator who watches a channel"},
    {Port::kAdmin, "/console", Endpoint::kConsole, "", "a page that shows all this, with plots",
     Guard::kOpen},
});

}  // namespace

std::span<const Route> routes() { return kRoutes; }

const Route* find_route(Port port, std::string_view path) {
  for (const Route& route : kRoutes) {
    if (route.port == port && route.path == path) return &route;
  }
  return nullptr;
}

std::string_view allowed_methods(Port port) {
  return port == Port::kFront ? "GET, OPTIONS" : "GET, POST";
}

std::string render_routes_table() {
  std::string table = "| port | path | parameters | what it does |\n|---|---|---|---|\n";
  for (const Route& route : kRoutes) {
    table.append(route.port == Port::kFront ? "| front | `" : "| admin | `");
    table.append(route.path).append("` | ").append(route.parameters).append(" | ");
    table.append(route.does).append(" |\n");
  }
  return table;
}

}  // namespace comet
