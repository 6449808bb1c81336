#include "comet/salvage.h"

#include <algorithm>
#include <utility>

#include "reactor/check.h"

namespace comet {

Salvage::Salvage() = default;
Salvage::Salvage(Salvage&&) noexcept = default;
Salvage& Salvage::operator=(Salvage&&) noexcept = default;
Salvage::~Salvage() = default;

void Salvage::append(History&& run) {
  if (run.size() == 0) return;
  CHECK(runs_.empty() || runs_.back().next() <= run.begin());
  messages_ += run.size();
  runs_.push_back(std::move(run));
}

std::uint64_t Salvage::bytes() const {
  std::uint64_t sum = 0;
  for (const History& run : runs_) sum += run.bytes();
  return sum;
}

std::uint64_t Salvage::memory() const {
  std::uint64_t sum = 0;
  for (const History& run : runs_) sum += run.memory();
  return sum;
}

void Salvage::drop_oldest() {
  CHECK(!empty());
  runs_.front().drop_oldest();
  --messages_;
  if (runs_.front().size() == 0) runs_.erase(runs_.begin());
}

Salvage Salvage::copy_from(std::uint64_t from) const {
  Salvage copy;
  for (const History& run : runs_) {
    const std::uint64_t start = std::max(from, run.begin());
    if (start >= run.next()) continue;
    History part(start);
    for (std::uint64_t seq = start; seq < run.next(); ++seq) part.append(run.at(seq));
    copy.append(std::move(part));
  }
  return copy;
}

}  // namespace comet
