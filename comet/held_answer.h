// The answer of a poll of several channels, as it grows: what homes say and what comes meanwhile.
//
// Part of Bundles, one for each such poll until it is answered. Objects are only ever added.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "comet/subscribe_request.h"
#include "comet/text_memory.h"

namespace comet {

class HeldAnswer {
 public:
  explicit HeldAnswer(PollRequest request)
      : request_(std::move(request)), memory_(request_.memory()) {}

  // A channel more, behind the others.
  void add_place() { by_place_.emplace_back(); }
  [[nodiscard]] std::size_t places() const { return by_place_.size(); }

  // Puts objects behind those of that place: `append(std::string&)` adds at least one, separated by
  // commas, and returns how many. Returns how many bytes are held of that place now.
  template <class Append>
  std::size_t hold(std::size_t place, PollForm form, Append&& append) {
    std::string& held = by_place_[place];
    const std::size_t bytes_before = held.size();
    const std::size_t memory_before = memory_of(held);
    if (!held.empty()) held.push_back(',');
    objects_ += append(held);
    if (form == PollForm::kWaiting) form_ = form;
    bytes_ += held.size() - bytes_before;
    memory_ += memory_of(held) - memory_before;
    return held.size();
  }

  [[nodiscard]] bool is_empty() const { return objects_ == 0; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] PollWrap wrap() const { return request_.wrap(); }
  // One array over all channels, in the order of their places; a single live object stands alone.
  void append_body(std::string& out) const;

  // Bytes of the request and of objects, as Bundles counts them.
  [[nodiscard]] std::size_t memory() const { return memory_; }
  // Tests: counts again.
  void validate() const;

 private:
  PollRequest request_;
  std::vector<std::string> by_place_;  // of a bundle's members: objects, separated by commas
  std::size_t objects_ = 0;            // in all of them
  std::size_t bytes_ = 0;
  std::size_t memory_;
  PollForm form_ = PollForm::kLive;  // kWaiting: some of them were there before the request
};

}  // namespace comet
