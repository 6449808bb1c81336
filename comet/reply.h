// A response that is complete when it begins: everything but what a subscriber gets.
#pragma once

#include <string>
#include <string_view>

namespace comet {

inline constexpr std::string_view kTextPlain = "text/plain; charset=utf-8";
inline constexpr std::string_view kJson = "application/json; charset=utf-8";
inline constexpr std::string_view kJavaScript = "application/javascript; charset=utf-8";

struct Reply {
  int status = 200;
  std::string_view content_type = kTextPlain;
  std::string body;
  std::string headers;  // more of them, "Name: value\r\n" each
  bool close = false;   // the connection, after this

  // Every error is one line that says what was wrong.
  static Reply error(int status, std::string_view line) {
    Reply reply;
    reply.status = status;
    reply.body.append(line).push_back('\n');
    return reply;
  }
};

}  // namespace comet
