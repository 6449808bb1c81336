// A value or one sentence that says why there is none.
//
// For mistakes of operators (configuration, addresses, ports), which main prints before any core
// starts. Not for the data path: there "nothing now" and "peer left" are ordinary values.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "reactor/check.h"

namespace reactor {

// One sentence for a person, without a trailing newline.
struct Error {
  std::string message;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() {
    CHECK(ok());
    return std::get<0>(state_);
  }
  const T& value() const {
    CHECK(ok());
    return std::get<0>(state_);
  }
  const std::string& error() const {
    CHECK(!ok());
    return std::get<1>(state_).message;
  }

  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace reactor
