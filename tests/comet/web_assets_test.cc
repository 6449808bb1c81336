#include "comet/web_assets.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <string>

#include "comet/version.h"
#include "comet/web_files.h"
#include "tests/support/file_bytes.h"

namespace comet {
namespace {

// A request for an asset, with one header at most.
class AssetRequest {
 public:
  explicit AssetRequest(std::string_view path, std::string_view name = {},
                        std::string_view value = {}, Port port = Port::kAdmin)
      : port_(port), text_(std::string(name) + std::string(value)) {
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
    const WebAsset* asset = find_web_asset(port_, request_.path);
    if (asset == nullptr) return Reply::error(404, "no such asset");
    return web_asset_reply(*asset, request_);
  }

 private:
  Port port_;
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
    const bool is_made = file.name.starts_with("comet.");
    const std::string folder = is_made ? COMET_CLIENT_DIR "/" : COMET_SOURCE_DIR "/comet/web/";
    const std::string bytes = support::file_bytes(folder + std::string(file.name));
    EXPECT_EQ(bytes, file.bytes) << file.name;
    EXPECT_FALSE(bytes.empty()) << file.name;
  }
}

TEST(WebAssets, EveryAssetHasItsFileAndEveryFileItsAsset) {
  for (const WebAsset& asset : web_assets()) {
    EXPECT_EQ(find_web_asset(asset.port, asset.path), &asset);
    EXPECT_EQ(AssetRequest(asset.path, {}, {}, asset.port).ask().status, 200) << asset.path;
  }
  for (const WebFile& file : web_files()) {
    EXPECT_NE(std::ranges::find(web_assets(), file.name, &WebAsset::file), web_assets().end())
        << file.name;
  }
}

TEST(WebAssets, EachHasItsTypeAndIsNotGuessedAt) {
  for (const WebAsset& asset : web_assets()) {
    const Reply reply = AssetRequest(asset.path, {}, {}, asset.port).ask();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.content_type, asset.content_type);
    EXPECT_EQ(header_of(reply, "X-Content-Type-Options"), "nosniff");
    // Every response of the front port says it anyway.
    EXPECT_EQ(header_of(reply, "Cache-Control"), asset.port == Port::kAdmin ? "no-cache" : "");
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

TEST(WebAssets, TheClientIsTheSameOnBothPorts) {
  for (const char* path : {"/comet.js", "/comet.mjs"}) {
    const Reply front = AssetRequest(path, {}, {}, Port::kFront).ask();
    EXPECT_EQ(front.status, 200) << path;
    EXPECT_EQ(front.body, AssetRequest(path).ask().body);
    EXPECT_NE(front.body.find("class Comet"), std::string::npos);
  }
  EXPECT_EQ(AssetRequest("/console", {}, {}, Port::kFront).ask().status, 404);
}

std::string source_of_client() {
  return support::file_bytes(COMET_SOURCE_DIR "/comet/web/client/comet.mjs");
}

// As it is served and packed, and its module as it is written, comments included.
TEST(WebAssets, TheClientIsSmall) {
  constexpr std::size_t kGzipFrame = 18 - 6;  // its head and tail (RFC 1952) less zlib's (RFC 1950)
  for (const std::string& text : {source_of_client(), AssetRequest("/comet.js").ask().body,
                                  AssetRequest("/comet.mjs").ask().body}) {
    std::string packed(compressBound(text.size()), '\0');
    uLongf size = packed.size();
    ASSERT_EQ(compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                        reinterpret_cast<const Bytef*>(text.data()), text.size(), 9),
              Z_OK);
    EXPECT_LE(size + kGzipFrame, 4096U) << text.substr(0, 80);
    EXPECT_GT(size, 1024U) << text.substr(0, 80);
  }
}

TEST(WebAssets, TheClientOfThePackageIsOfThisVersion) {
  const std::string package =
      support::file_bytes(COMET_SOURCE_DIR "/comet/web/client/package.json");
  EXPECT_NE(package.find("\"version\": \"" + std::string(kVersion) + '"'), std::string::npos)
      << package;
  EXPECT_EQ(AssetRequest("/comet.js").ask().body.find("// comet " + std::string(kVersion) + ':'),
            0U);
}

TEST(WebAssets, OtherMethodsAreRefused) {
  const Reply reply = AssetRequest("/console").ask(http::Method::kPost);
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(header_of(reply, "Allow"), "GET, HEAD");
  EXPECT_EQ(AssetRequest("/console").ask(http::Method::kHead).status, 200);
}

}  // namespace
}  // namespace comet
