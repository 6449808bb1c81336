#include "bench/load/http_dialect.h"

namespace load {

Dialect::Answers HttpDialect::read_answers(std::string_view bytes) const {
  Answers answers;
  for (;;) {
    const std::string_view rest = bytes.substr(answers.bytes);
    const auto head = read_head(rest);
    if (!head) return answers;
    if (head->status < 200 || head->status > 299) {
      answers.error = "a publish was refused: " + excerpt(rest);
      return answers;
    }
    if (!head->content_length) {
      answers.error = "an answer without a length: " + excerpt(rest);
      return answers;
    }
    const std::size_t size = head->bytes + *head->content_length;
    if (rest.size() < size) return answers;
    answers.bytes += size;
    ++answers.count;
  }
}

std::optional<HttpHead> HttpDialect::take_head(std::string_view& bytes, Arrived& arrived) {
  const auto head = read_head(bytes);
  if (!head) return std::nullopt;
  if (head->status != 200) {
    arrived.error = "a subscriber was refused: " + excerpt(bytes);
    return std::nullopt;
  }
  bytes.remove_prefix(head->bytes);
  return head;
}

}  // namespace load
