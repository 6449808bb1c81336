// Fixed-size objects in stable places, named by 32-bit indices.
//
// Owned by one core. An index and a generation name an object for good: the generation changes
// when a slot is freed, so a stale name finds nothing. Live slots have odd generations.
// Objects never move; memory is taken in chunks and kept for reuse.
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
    if (free_ == kNoIndex) grow();
    const std::uint32_t index = free_;
    Chunk& chunk = chunk_of(index);
    Slot& slot = chunk.slots[index % kChunkSize];
    free_ = slot.next_free;
    std::construct_at(&slot.object, std::forward<Args>(args)...);
    ++chunk.generations[index % kChunkSize];
    ++size_;
    return index;
  }

  void erase(std::uint32_t index) {
    DCHECK(is_live(index));
    Chunk& chunk = chunk_of(index);
    Slot& slot = chunk.slots[index % kChunkSize];
    std::destroy_at(&slot.object);
    ++chunk.generations[index % kChunkSize];
    slot.next_free = free_;
    free_ = index;
    --size_;
  }

  T& operator[](std::uint32_t index) {
    DCHECK(is_live(index));
    return chunk_of(index).slots[index % kChunkSize].object;
  }
  const T& operator[](std::uint32_t index) const { return const_cast<Slab&>(*this)[index]; }

  // The object of that name, or null if it is gone.
  T* find(std::uint32_t index, std::uint32_t generation) {
    if (!is_live(index) || this->generation(index) != generation) return nullptr;
    return &(*this)[index];
  }

  [[nodiscard]] std::uint32_t generation(std::uint32_t index) const {
    return chunks_[index / kChunkSize]->generations[index % kChunkSize];
  }
  [[nodiscard]] bool is_live(std::uint32_t index) const {
    return index / kChunkSize < chunks_.size() && generation(index) % 2 == 1;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  // Bytes taken for objects, live or kept for reuse.
  [[nodiscard]] std::size_t memory() const { return chunks_.size() * sizeof(Chunk); }
  [[nodiscard]] std::uint32_t index_end() const {
    return static_cast<std::uint32_t>(chunks_.size()) * kChunkSize;
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
  struct Chunk {
    std::array<std::uint32_t, kChunkSize> generations{};
    std::array<Slot, kChunkSize> slots;
  };

  Chunk& chunk_of(std::uint32_t index) { return *chunks_[index / kChunkSize]; }

  void grow() {
    const std::uint32_t first = index_end();
    chunks_.push_back(std::make_unique<Chunk>());
    for (std::uint32_t i = kChunkSize; i-- > 0;) {
      chunks_.back()->slots[i].next_free = free_;
      free_ = first + i;
    }
  }

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::uint32_t free_ = kNoIndex;
  std::size_t size_ = 0;
};

}  // namespace reactor
