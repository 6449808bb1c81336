// Finds the object of a slab that has a name.
//
// The table holds only indices; the name stands once, in the object, as its member `name`. Owned
// by one core, beside the slab.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <cstdint>

#include "comet/name.h"
#include "reactor/slab.h"

namespace comet {

template <class T>
class NameTable {
 public:
  explicit NameTable(const reactor::Slab<T>& slab) : set_(0, Hash{&slab}, Equal{&slab}) {}

  // HOT. kNoIndex when there is none.
  [[nodiscard]] std::uint32_t find(const ChannelName& name) const {
    const auto found = set_.find(name);
    return found == set_.end() ? reactor::kNoIndex : *found;
  }
  void insert(std::uint32_t index) { set_.insert(index); }
  void erase(std::uint32_t index) {
    set_.erase(index);
    // What many took is given back when the last is gone.
    if (set_.empty() && set_.capacity() > kKeptPlaces) set_.rehash(0);
  }
  [[nodiscard]] std::size_t size() const { return set_.size(); }
  // Bytes: an index and a byte of its hash for each place.
  [[nodiscard]] std::size_t memory() const { return set_.capacity() * (sizeof(std::uint32_t) + 1); }

 private:
  struct Hash {
    using is_transparent = void;
    const reactor::Slab<T>* slab;
    std::size_t operator()(const ChannelName& name) const { return name.hash; }
    std::size_t operator()(std::uint32_t index) const { return (*slab)[index].name.hash; }
  };
  struct Equal {
    using is_transparent = void;
    const reactor::Slab<T>* slab;
    bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
    bool operator()(std::uint32_t index, const ChannelName& name) const {
      return (*slab)[index].name.hash == name.hash && (*slab)[index].name.text == name.text;
    }
    bool operator()(const ChannelName& name, std::uint32_t index) const {
      return (*this)(index, name);
    }
  };

  static constexpr std::size_t kKeptPlaces = 1024;

  absl::flat_hash_set<std::uint32_t, Hash, Equal> set_;
};

}  // namespace comet
