#include "comet/web_assets.h"

#include <algorithm>

#include "comet/web_files.h"
#include "reactor/check.h"

namespace comet {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kCss = "text/css; charset=utf-8";
constexpr std::string_view kSvg = "image/svg+xml";

constexpr WebAsset kAssets[] = {
    {Port::kAdmin, "/console", "console.html", kHtml},
    {Port::kAdmin, "/console/base.css", "base.css", kCss},
    {Port::kAdmin, "/console/style.css", "console/style.css", kCss},
    {Port::kAdmin, "/console/icon.svg", "console/icon.svg", kSvg},
    {Port::kAdmin, "/console/channels.js", "console/channels.js", kJavaScript},
    {Port::kAdmin, "/console/chart.js", "console/chart.js", kJavaScript},
    {Port::kAdmin, "/console/dialogs.js", "console/dialogs.js", kJavaScript},
    {Port::kAdmin, "/console/inspector.js", "console/inspector.js", kJavaScript},
    {Port::kAdmin, "/console/main.js", "console/main.js", kJavaScript},
    {Port::kAdmin, "/console/message_log.js", "console/message_log.js", kJavaScript},
    {Port::kAdmin, "/console/numbers.js", "console/numbers.js", kJavaScript},
    {Port::kAdmin, "/console/panels.js", "console/panels.js", kJavaScript},
    {Port::kAdmin, "/console/poller.js", "console/poller.js", kJavaScript},
    {Port::kAdmin, "/console/samples.js", "console/samples.js", kJavaScript},
    {Port::kAdmin, "/console/scale.js", "console/scale.js", kJavaScript},
    {Port::kAdmin, "/console/server.js", "console/server.js", kJavaScript},
    {Port::kAdmin, "/console/shortcuts.js", "console/shortcuts.js", kJavaScript},
    {Port::kAdmin, "/console/theme.js", "console/theme.js", kJavaScript},
    {Port::kAdmin, "/console/watch.js", "console/watch.js", kJavaScript},
    {Port::kAdmin, "/comet.js", "comet.js", kJavaScript},
    {Port::kAdmin, "/comet.mjs", "comet.mjs", kJavaScript},
    {Port::kFront, "/comet.js", "comet.js", kJavaScript},
    {Port::kFront, "/comet.mjs", "comet.mjs", kJavaScript},
    {Port::kFront, "/demo", "demo.html", kHtml, Showing::kInDemo},
    {Port::kFront, "/demo/base.css", "base.css", kCss, Showing::kInDemo},
    {Port::kFront, "/demo/style.css", "demo/style.css", kCss, Showing::kInDemo},
    {Port::kFront, "/demo/icon.svg", "console/icon.svg", kSvg, Showing::kInDemo},
    {Port::kFront, "/demo/chat.js", "demo/chat.js", kJavaScript, Showing::kInDemo},
    {Port::kFront, "/demo/crowd.js", "demo/crowd.js", kJavaScript, Showing::kInDemo},
    {Port::kFront, "/demo/figures.js", "demo/figures.js", kJavaScript, Showing::kInDemo},
    {Port::kFront, "/demo/main.js", "demo/main.js", kJavaScript, Showing::kInDemo},
};

// Nothing from elsewhere, nothing inline, in nobody's frame; and no string becomes markup or code,
// whatever a channel's name or a message holds (Content Security Policy 3, Trusted Types).
constexpr std::string_view kPolicy =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

// The page of the demonstration also talks to the example of a backend, on another port, and uses
// WebSockets, which not every browser takes for 'self'.
constexpr std::string_view kDemoPolicy =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src http: https: ws: wss:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

constexpr std::string_view kMethods = "GET, HEAD";

const WebFile& file_of(const WebAsset& asset) {
  const auto files = web_files();
  const auto file = std::ranges::find(files, asset.file, &WebFile::name);
  CHECK(file != files.end());
  return *file;
}

// Whether If-None-Match names this file (RFC 9110 13.1.2). The comparison is the weak one: a proxy
// that compresses may have made the tag weak.
bool is_known(std::string_view if_none_match, std::string_view entity_tag) {
  if (if_none_match == "*") return true;
  return if_none_match.find(entity_tag) != std::string_view::npos;
}

}  // namespace

std::span<const WebAsset> web_assets() { return kAssets; }

const WebAsset* find_web_asset(Port port, std::string_view path) {
  for (const WebAsset& asset : kAssets) {
    if (asset.port == port && asset.path == path) return &asset;
  }
  return nullptr;
}

Reply web_asset_reply(const WebAsset& asset, const http::Request& request) {
  if (request.method != http::Method::kGet && request.method != http::Method::kHead) {
    Reply reply = Reply::error(405, "this path answers GET and HEAD only");
    reply.headers.append("Allow: ").append(kMethods).append("\r\n");
    return reply;
  }
  const WebFile& file = file_of(asset);

  Reply reply;
  // Kept by the browser, but asked for each time: an upgraded server shows its own page. On the
  // front port every response says so.
  if (asset.port == Port::kAdmin) reply.headers.append("Cache-Control: no-cache\r\n");
  reply.headers.append("ETag: ").append(file.entity_tag);
  reply.headers.append("\r\nX-Content-Type-Options: nosniff\r\n");
  if (asset.content_type == kHtml) {
    reply.headers.append(asset.showing == Showing::kInDemo ? kDemoPolicy : kPolicy);
  }
  if (is_known(request.header("if-none-match"), file.entity_tag)) {
    reply.status = 304;
    reply.content_type = {};
    return reply;
  }
  reply.content_type = asset.content_type;
  reply.body.assign(file.bytes);
  return reply;
}

}  // namespace comet
