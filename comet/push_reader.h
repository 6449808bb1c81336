// The body of a request that pushes many messages: a JSON array of objects, or lines of them.
//
// Owned by a PushBatch. It keeps a copy of the body and hands out one entry at a time, so that a
// long body can be read in slices. Each entry is parsed strictly (RFC 8259), and so is what stands
// between them; that an array ends as it must is known when it has been read to its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.h"

namespace comet {

enum class PushForm : std::uint8_t {
  kArray,  // [{…}, {…}]
  kLines,  // {…}\n{…}\n, as in NDJSON and JSON Lines; empty lines do not count
};

// What the body of this POST is, by its type and how it begins. Nothing where it is none of these:
// one JSON object, a form, text. A first line that is to tell it is parsed whole.
std::optional<PushForm> push_form_of(const http::Request& request);

// Names are as in forms: case-insensitive, the first of a repeated one counts, the unknown do not.
struct PushEntry {
  std::string_view cname;    // "" when absent
  std::string_view content;  // decoded: UTF-8
  std::string_view fault;    // why it can't be published, in one line; "" when it says both
};

class PushReader {
 public:
  enum class Step : std::uint8_t { kEntry, kEmptyLine, kEnd, kNotJson };

  PushReader(std::string_view body, PushForm form);
  ~PushReader();

  // HOT. The next entry, whose views are valid until the next call.
  Step next(PushEntry& entry);
  // How much of the body has been read.
  [[nodiscard]] std::size_t bytes_read() const { return bytes_read_; }
  // Bytes of the copy, and of what is parsed.
  [[nodiscard]] std::size_t memory() const;
  // After kNotJson: where and why, in one line.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

 private:
  struct Json;

  Step next_line(PushEntry& entry);
  Step next_element(PushEntry& entry);
  Step end_of_array();
  [[nodiscard]] std::string_view between(std::size_t end) const;
  Step parse(std::string_view text, PushEntry& entry);
  Step complain(std::string_view why);

  const PushForm form_;
  std::unique_ptr<Json> json_;
  std::size_t bytes_read_ = 0;
  std::size_t place_ = 0;  // of the entry: its number, or that of its line, from 1 on
  std::string number_;     // a cname that was a number
  std::string complaint_;
};

}  // namespace comet
