// Fixed-size objects in stable places, named by 32-bit indices.
//
// Owned by one core. An index and a generation name an object for good: the generation changes
// when a slot is freed, so a stale name finds nothing. Live slots have odd generations.
// Objects never move. Memory is taken in chunks; those without objects are given back, all but one,
// and only the generations stay.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "reactor/check.h"

namespace reactor {

inline constexpr std::uint32_t kNoIndex = std::numeric_limits<std::uint32_t>::max();

template <class T>
class Slab {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() {
    for_each([this](std::uint32_t index, T&) { erase(index); });
  }

  // HOT. Constant time; allocates once per kChunkSize objects.
  template <class... Args>
  std::uint32_t emplace(Args&&... args) {
    if (open_.empty()) grow();
    const std::uint32_t number = open_.back();
    Names& names = *names_[number];
    if (names.live == 0) begin_use(number);
    const std::uint32_t place = names.free;
    Slot& slot = (*slots_[number])[place];
    names.free = slot.next_free;
    std::construct_at(&slot.object, std::forward<Args>(args)...);
    ++names.generations[place];
    ++names.live;
    ++size_;
    if (names.free == kNoIndex) open_.pop_back();
    return number * kChunkSize + place;
  }

  void erase(std::uint32_t index) {
    DCHECK(is_live(index));
    const std::uint32_t number = index / kChunkSize;
    const std::uint32_t place = index % kChunkSize;
    Names& names = *names_[number];
    Slot& slot = (*slots_[number])[place];
    std::destroy_at(&slot.object);
    ++names.generations[place];
    if (names.free == kNoIndex) open_.push_back(number);
    slot.next_free = names.free;
    names.free = place;
    --size_;
    if (--names.live == 0) end_use(number);
  }

  T& operator[](std::uint32_t index) {
    DCHECK(is_live(index));
    return (*slots_[index / kChunkSize])[index % kChunkSize].object;
  }
  const T& operator[](std::uint32_t index) const { return const_cast<Slab&>(*this)[index]; }

  // The object of that name, or null if it is gone.
  T* find(std::uint32_t index, std::uint32_t generation) {
    if (!is_live(index) || this->generation(index) != generation) return nullptr;
    return &(*this)[index];
  }

  [[nodiscard]] std::uint32_t generation(std::uint32_t index) const {
    return names_[index / kChunkSize]->generations[index % kChunkSize];
  }
  [[nodiscard]] bool is_live(std::uint32_t index) const {
    return index / kChunkSize < names_.size() && generation(index) % 2 == 1;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  // Bytes taken for objects, live or kept for reuse, and for generations.
  [[nodiscard]] std::size_t memory() const {
    return taken_ * sizeof(Slots) + names_.size() * sizeof(Names);
  }
  [[nodiscard]] std::uint32_t index_end() const {
    return static_cast<std::uint32_t>(names_.size()) * kChunkSize;
  }

  // f(index, object) for each; f may erase that object.
  template <class F>
  void for_each(F&& f) {
    for (std::uint32_t index = 0; index < index_end(); ++index) {
      if (is_live(index)) f(index, (*this)[index]);
    }
  }

 private:
  static constexpr std::uint32_t kChunkSize = 256;
  union Slot {
    Slot() {}
    ~Slot() {}
    T object;
    std::uint32_t next_free;
  };
  using Slots = std::array<Slot, kChunkSize>;
  // What stays of a chunk, also while it has no slots.
  struct Names {
    std::array<std::uint32_t, kChunkSize> generations{};
    std::uint32_t live = 0;
    std::uint32_t free = 0;  // the first free place; kNoIndex: none
  };

  void grow() {
    open_.push_back(static_cast<std::uint32_t>(names_.size()));
    names_.push_back(std::make_unique<Names>());
    slots_.emplace_back();
  }

  // The first object of a chunk is coming.
  void begin_use(std::uint32_t number) {
    if (slots_[number] != nullptr) {
      has_spare_ = false;
      return;
    }
    slots_[number] = std::make_unique<Slots>();
    ++taken_;
    std::uint32_t next = kNoIndex;
    for (std::uint32_t place = kChunkSize; place-- > 0;) {
      (*slots_[number])[place].next_free = std::exchange(next, place);
    }
    names_[number]->free = 0;
  }

  // The last object of a chunk is gone.
  void end_use(std::uint32_t number) {
    if (!has_spare_) {
      has_spare_ = true;
      return;
    }
    slots_[number].reset();
    --taken_;
  }

  std::vector<std::unique_ptr<Slots>> slots_;  // by chunk; null while it has no objects
  std::vector<std::unique_ptr<Names>> names_;  // by chunk
  std::vector<std::uint32_t> open_;            // chunks that have a free place
  std::size_t taken_ = 0;                      // chunks that have slots
  std::size_t size_ = 0;
  bool has_spare_ = false;  // one chunk has slots and no object
};

}  // namespace reactor
