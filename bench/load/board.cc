#include "bench/load/board.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

namespace load {
namespace {

// Lays objects out one after the other, each kind at its alignment.
class Layout {
 public:
  template <class T>
  std::size_t reserve(std::size_t count) {
    const std::size_t at = (bytes_ + alignof(T) - 1) / alignof(T) * alignof(T);
    bytes_ = at + count * sizeof(T);
    return at;
  }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

template <class T>
std::span<T> construct(void* memory, std::size_t at, std::size_t count) {
  T* first = reinterpret_cast<T*>(static_cast<char*>(memory) + at);
  for (std::size_t i = 0; i < count; ++i) new (first + i) T();
  return {first, count};
}

}  // namespace

void Slot::fail(std::string_view sentence) {
  if (failed.load(std::memory_order_relaxed)) return;
  const std::size_t size = std::min(sentence.size(), trouble.size() - 1);
  std::copy_n(sentence.data(), size, trouble.data());
  failed.store(true, std::memory_order_release);
}

Board::Board(std::size_t processes, std::size_t channels, std::size_t connections,
             SendTimes send_times) {
  const std::size_t times = send_times == SendTimes::kKept ? kSendTimes : 0;
  Layout layout;
  const std::size_t course_at = layout.reserve<Course>(1);
  const std::size_t slots_at = layout.reserve<Slot>(processes);
  const std::size_t numbers_at = layout.reserve<std::atomic<std::uint64_t>>(channels);
  const std::size_t acknowledged_at = layout.reserve<Counter>(connections);
  const std::size_t times_at = layout.reserve<std::atomic<std::int64_t>>(times);
  bytes_ = layout.bytes();
  memory_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  course_ = construct<Course>(memory_, course_at, 1).data();
  slots_ = construct<Slot>(memory_, slots_at, processes);
  first_numbers_ = construct<std::atomic<std::uint64_t>>(memory_, numbers_at, channels);
  acknowledged_ = construct<Counter>(memory_, acknowledged_at, connections);
  send_times_ = construct<std::atomic<std::int64_t>>(memory_, times_at, times);
}

Board::~Board() { ::munmap(memory_, bytes_); }

std::uint64_t Board::sum(Counter Slot::*counter) const {
  std::uint64_t total = 0;
  for (const Slot& slot : slots_) total += (slot.*counter).get();
  return total;
}

}  // namespace load
