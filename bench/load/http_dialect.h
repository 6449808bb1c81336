// What the dialects that are HTTP share: heads of responses, and answers to publishers.
#pragma once

#include <optional>
#include <string_view>

#include "bench/load/dialect.h"
#include "bench/load/http_text.h"

namespace load {

class HttpDialect : public Dialect {
 public:
  [[nodiscard]] Answers read_answers(std::string_view bytes) const override;

 protected:
  // Takes the head of a subscriber's response off `bytes`; nothing while it is not whole, and if it
  // is a refusal.
  static std::optional<HttpHead> take_head(std::string_view& bytes, Arrived& arrived);
};

}  // namespace load
