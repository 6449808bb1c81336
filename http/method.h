// The request methods this server tells apart. A value; usable from any core.
#pragma once

#include <cstdint>

namespace http {

// kOther: a method that llhttp knows and no route of ours answers; Request::method_name has it.
enum class Method : std::uint8_t { kGet, kHead, kPost, kOptions, kOther };

}  // namespace http
