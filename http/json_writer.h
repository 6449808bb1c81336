// Writes JSON with commas where they belong. Keys and texts are escaped; what is absent is null.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace http {

class JsonWriter {
 public:
  JsonWriter& key(std::string_view name);
  JsonWriter& open(char bracket);   // { or [
  JsonWriter& close(char bracket);  // } or ]

  JsonWriter& value(std::string_view text);
  JsonWriter& value(double number);  // with as many digits as it takes; what is not finite is null
  JsonWriter& null();
  // A bool is one of these; by a function of its own it would be what becomes of a pointer to text.
  template <std::unsigned_integral T>
  JsonWriter& value(T number) {
    if constexpr (std::same_as<T, bool>) {
      return put(number ? "true" : "false");
    } else {
      return put(std::to_string(number));
    }
  }
  template <class T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }
  template <class T>
  JsonWriter& member(std::string_view name, const T& of) {
    return key(name).value(of);
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  JsonWriter& put(std::string_view raw);
  void separate();

  std::string text_;
  bool first_ = true;  // nothing stands before the next value in its bracket
};

}  // namespace http
