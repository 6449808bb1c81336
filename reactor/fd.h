// The owner of one descriptor.
#pragma once

#include <utility>

namespace reactor {

// Move-only; closes on destruction. -1 means none.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void reset();

  // Another descriptor of the same open file, close-on-exec; none when they have run out.
  [[nodiscard]] Fd duplicate() const;

 private:
  int number_ = -1;
};

}  // namespace reactor
