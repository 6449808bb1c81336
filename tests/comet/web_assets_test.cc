#include "comet/web_assets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "comet/web_files.h"

namespace comet {
namespace {

// A request for an asset, with one header at most.
class AssetRequest {
 public:
  explicit AssetRequest(std::string_view path, std::string_view name = {},
                        std::string_view value = {})
      : text_(std::string(name) + std::string(value)) {
    request_.path = path;
    request_.storage = text_.data();
    if (name.empty()) return;
    slice_ = {0, static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(name.size()),
              static_cast<std::uint32_t>(value.size())};
    request_.headers = {&slice_, 1};
  }
  AssetRequest(const AssetRequest&) = delete;
  AssetRequest& operator=(const AssetRequest&) = delete;

  Reply ask(http::Method method = http::Method::kGet) {
    request_.method = method;
    const WebAsset* asset = find_web_asset(Port::kAdmin, request_.path);
    if (asset == nullptr) return Reply::error(404, "no such asset");
    return web_asset_reply(*asset, request_);
  }

 private:
  std::string text_;
  http::HeaderSlice slice_;
  http::Request request_;
};

std::string header_of(const Reply& reply, std::string_view name) {
  const std::string begin = std::string(name) + ": ";
  const std::size_t at = reply.headers.find(begin);
  if (at == std::string::npos) return "";
  const std::size_t value = at + begin.size();
  return reply.headers.substr(value, reply.headers.find("\r\n", value) - value);
}

TEST(WebAssets, EveryFileIsCarriedByteForByte) {
  for (const WebFile& file : web_files()) {
    std::ifstream in(std::string(COMET_SOURCE_DIR "/comet/web/") + std::string(file.name),
                     std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(bytes, file.bytes) << file.name;
    EXPECT_FALSE(bytes.empty()) << file.name;
  }
}

TEST(WebAssets, EveryAssetHasItsFileAndEveryFileItsAsset) {
  for (const WebAsset& asset : web_assets()) {
    EXPECT_EQ(find_web_asset(asset.port, asset.path), &asset);
    EXPECT_EQ(AssetRequest(asset.path).ask().status, 200) << asset.path;
  }
  for (const WebFile& file : web_files()) {
    EXPECT_NE(std::ranges::find(web_assets(), file.name, &WebAsset::file), web_assets().end())
        << file.name;
  }
}

TEST(WebAssets, EachHasItsTypeAndIsNotGuessedAt) {
  for (const WebAsset& asset : web_assets()) {
    const Reply reply = AssetRequest(asset.path).ask();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.content_type, asset.content_type);
    EXPECT_EQ(header_of(reply, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header_of(reply, "Cache-Control"), "no-cache");
  }
}

TEST(WebAssets, AKnownOneIsNotSentAgain) {
  const std::string tag = header_of(AssetRequest("/console").ask(), "ETag");
  ASSERT_TRUE(tag.size() > 2 && tag.front() == '"' && tag.back() == '"') << tag;
  for (const std::string& known : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    const Reply reply = AssetRequest("/console", "if-none-match", known).ask();
    EXPECT_EQ(reply.status, 304) << known;
    EXPECT_EQ(reply.body, "");
    EXPECT_EQ(reply.content_type, "");
    EXPECT_EQ(header_of(reply, "ETag"), tag);
  }
  EXPECT_EQ(AssetRequest("/console", "if-none-match", "\"other\"").ask().status, 200);
  EXPECT_NE(header_of(AssetRequest("/console/main.js").ask(), "ETag"), tag);
}

TEST(WebAssets, ThePageMayUseNothingFromElsewhere) {
  const std::string policy = header_of(AssetRequest("/console").ask(), "Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none';")) << policy;
  for (const char* hole : {"unsafe", "http", "data:", "*"}) {
    EXPECT_EQ(policy.find(hole), std::string::npos) << policy;
  }
  for (const char* rule : {"frame-ancestors 'none'", "require-trusted-types-for 'script'"}) {
    EXPECT_NE(policy.find(rule), std::string::npos) << policy;
  }
}

TEST(WebAssets, OtherMethodsAreRefused) {
  const Reply reply = AssetRequest("/console").ask(http::Method::kPost);
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(header_of(reply, "Allow"), "GET, HEAD");
  EXPECT_EQ(AssetRequest("/console").ask(http::Method::kHead).status, 200);
}

}  // namespace
}  // namespace comet
