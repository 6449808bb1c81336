// The parameters of a request, wherever they stood: query, form, JSON or plain body.
//
// One per core, reused for every request, so that decoding allocates nothing in steady state.
// API.md section 2: names are case-insensitive, the first of a repeated name counts, the body's
// fields win over the query's, and what is not in the table is ignored.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "comet/reply.h"
#include "http/request.h"

namespace comet {

enum class Field : std::uint8_t {
  kCname,
  kSeq,
  kToken,
  kCb,
  kNoop,
  kContent,
  kExpires,
  kConfig,
  kPrefix,
  kAfter,
  kLimit,
  kSort,
  kLastEventId,
};
inline constexpr std::size_t kFields = 13;

// A whole number, saturated to 64 bits: beyond that only its being enormous matters. Nothing when
// the text is none.
std::optional<std::int64_t> whole_number(std::string_view text);

class RequestFields {
 public:
  RequestFields();
  ~RequestFields();
  RequestFields(const RequestFields&) = delete;
  RequestFields& operator=(const RequestFields&) = delete;

  // Reads all; the views of value() are valid until the next call. Something wrong with a field
  // that counts is the reply to send.
  std::optional<Reply> read(const http::Request& request);

  [[nodiscard]] bool has(Field field) const { return present_[index(field)]; }
  // Decoded; "" when absent.
  [[nodiscard]] std::string_view value(Field field) const { return values_[index(field)]; }

  // A whole number, saturated to 64 bits; `absent` when the field is missing or empty, nothing when
  // it is not a number.
  [[nodiscard]] std::optional<std::int64_t> number(Field field, std::int64_t absent) const;

  // The channel's name, or the reply that says what is wrong with it.
  [[nodiscard]] std::optional<Reply> check_cname() const;
  // The callback, if there is one, or the reply that says what is wrong with it.
  [[nodiscard]] std::optional<Reply> check_callback() const;

 private:
  struct JsonReader;
  static std::size_t index(Field field) { return static_cast<std::size_t>(field); }

  bool read_pairs(std::string_view encoded);
  std::optional<Reply> read_body(const http::Request& request);
  std::optional<Reply> read_json(std::string_view body);
  std::string* claim(std::string_view name);

  std::array<std::string, kFields> values_;
  std::array<bool, kFields> present_{};
  std::string name_;  // scratch
  std::unique_ptr<JsonReader> json_;
};

}  // namespace comet
