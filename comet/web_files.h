// The files of comet/web as the program carries them.
//
// Immutable, any core. The source is written while building, by cmake/embed.cmake.
#pragma once

#include <span>
#include <string_view>

namespace comet {

struct WebFile {
  std::string_view name;        // within comet/web
  std::string_view entity_tag;  // strong, with its quotes (RFC 9110 8.8.3)
  std::string_view bytes;
};

std::span<const WebFile> web_files();

}  // namespace comet
