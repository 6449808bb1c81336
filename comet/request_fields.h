// The parameters of a request, wherever they stood: query, form, JSON or plain body.
//
// One per core, reused for every request, so that decoding allocates nothing in steady state.
// API.md section 2: names are case-insensitive, the first of a repeated name counts, the body's
// fields win over the query's, and what is not in the table is ignored. Of those that name channels
// the others are here, too, for who may name several.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
  kEvents,
};
inline constexpr std::size_t kFields = 14;
// The first of them may stand for several channels, in step.
inline constexpr std::size_t kRepeatableFields = 3;
static_assert(static_cast<std::size_t>(Field::kToken) + 1 == kRepeatableFields);

// A whole number of any length, saturated to 64 bits; nothing when it is none.
std::optional<std::int64_t> whole_number(std::string_view text);
// What is wrong with it as a channel's name.
std::optional<Reply> check_cname(std::string_view name);

class RequestFields {
 public:
  RequestFields();
  ~RequestFields();
  RequestFields(const RequestFields&) = delete;
  RequestFields& operator=(const RequestFields&) = delete;

  // Reads all; the views of value() are valid until the next call. Something wrong with a field
  // that counts is the reply to send.
  std::optional<Reply> read(const http::Request& request);
  // The same, but for the body, which is somebody else's.
  std::optional<Reply> read_query_only(const http::Request& request);

  [[nodiscard]] bool has(Field field) const { return present_[index(field)]; }
  // Decoded; "" when absent.
  [[nodiscard]] std::string_view value(Field field) const {
    return has(field) ? std::string_view(values_[index(field)]) : std::string_view();
  }

  // The values behind the first, in order, of a field that may be repeated; at most kRepeatsMax.
  static constexpr std::size_t kRepeatsMax = 256;
  [[nodiscard]] std::span<const std::string> repeated(Field field) const {
    return more_.at(index(field));
  }

  // A whole number, saturated to 64 bits; `absent` when the field is missing or empty, nothing when
  // it is not a number.
  [[nodiscard]] std::optional<std::int64_t> number(Field field, std::int64_t absent) const;

  // The channel's name, or the reply that says what is wrong with it.
  [[nodiscard]] std::optional<Reply> check_cname() const {
    return comet::check_cname(value(Field::kCname));
  }
  // The callback, if there is one, or the reply that says what is wrong with it.
  [[nodiscard]] std::optional<Reply> check_callback() const;

 private:
  struct JsonReader;
  static std::size_t index(Field field) { return static_cast<std::size_t>(field); }

  void forget();
  std::optional<Reply> read_query(const http::Request& request);
  bool read_pairs(std::string_view encoded);
  std::optional<Reply> read_body(const http::Request& request);
  std::optional<Reply> read_json(std::string_view body);
  std::optional<Reply> read_json_with(JsonReader& json, std::string_view body);
  std::string* claim(std::string_view name);
  std::string* claim_repeated(std::size_t field);

  std::bitset<kFields> present_;
  std::array<std::string, kFields> values_;  // those that are not present are an earlier request's
  std::array<std::vector<std::string>, kRepeatableFields> more_;
  std::string name_;  // scratch
  std::unique_ptr<JsonReader> json_;
};

}  // namespace comet
