// The whole response to a poll that waited: made once for all who are to get the same.
//
// Owned by Audiences. Polls of one channel mostly wait for the same message under the same
// callback, so the response made last serves the next as well.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "comet/audience.h"
#include "comet/hub_message.h"
#include "comet/response_heads.h"
#include "comet/transport.h"

namespace comet {

class PollAnswerCache {
 public:
  // The Date in the heads has changed.
  void forget() { to_ = 0; }

  // HOT. Head and body for a poll that waited for number `from`: the audience's messages from there
  // on, of which there is one at least. Valid until the next call.
  // `lines` are header lines of its own.
  std::string_view answer(Ref ref, const Audience& audience, const PollWrap& wrap,
                          std::uint64_t from, bool keep_alive, std::string_view lines,
                          ResponseHeads& heads);

 private:
  [[nodiscard]] bool fits(Ref ref, const Audience& audience, const PollWrap& wrap,
                          std::uint64_t from, bool keep_alive, std::string_view lines) const {
    return to_ == audience.window.next() && from_ == from && audience_ == ref &&
           epoch_ == audience.epoch && keep_alive_ == keep_alive && jsonp_ == wrap.jsonp &&
           callback_ == wrap.callback && lines_ == lines;
  }

  Ref audience_;
  std::uint32_t epoch_ = 0;
  bool keep_alive_ = false;
  bool jsonp_ = false;
  std::uint64_t from_ = 0;
  std::uint64_t to_ = 0;  // one past the last message in it; 0 when there is none
  std::string callback_;
  std::string lines_;
  std::string body_;
  std::string response_;
};

}  // namespace comet
