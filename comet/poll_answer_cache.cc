#include "comet/poll_answer_cache.h"

#include "comet/text_memory.h"

namespace comet {

std::string_view PollAnswerCache::answer(Ref ref, const Audience& audience, const PollWrap& wrap,
                                         std::uint64_t from, bool keep_alive,
                                         std::string_view lines, ResponseHeads& heads) {
  if (fits(ref, audience, wrap, from, keep_alive, lines)) return response_;
  audience_ = ref;
  epoch_ = audience.epoch;
  keep_alive_ = keep_alive;
  jsonp_ = wrap.jsonp;
  from_ = from;
  to_ = audience.window.next();
  callback_ = wrap.callback;
  lines_ = lines;
  make_empty(body_);
  make_empty(response_);
  const std::string name = escaped_name(Transport::kPoll, audience.name.text);
  append_poll_messages(body_, wrap, name, audience.window, from, PollForm::kLive);
  heads.append_front_response(response_, wrap.content_type(), keep_alive, lines, body_);
  return response_;
}

}  // namespace comet
