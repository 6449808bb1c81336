// A request that pushes many messages: from its body to its answer.
//
// Part of the connection's Exchange while the request is under way; its core's alone. First the
// body is read in slices: nothing is published before all of it is known to be JSON. Then every
// home gets its part as one order, and when all have reported the answer says, entry by entry and
// in their order, what became of them.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "comet/message.h"
#include "comet/name.h"
#include "comet/push_order.h"
#include "comet/push_reader.h"
#include "comet/reply.h"

namespace comet {

class PushBatch {
 public:
  struct Limits {
    std::size_t messages;       // in one request
    std::size_t content_bytes;  // of one message
  };
  enum class Reading : std::uint8_t { kMore, kComplete, kRefused };

  // `default_cname` is a name, or empty; it is for entries that say none. The hash must outlive the
  // batch.
  PushBatch(std::string_view body, PushForm form, std::string_view default_cname,
            const NameHash& name_hash, Limits limits, std::uint64_t received_us);

  // HOT. Reads a slice of the body, some tenths of a millisecond's worth. An entry is read whole,
  // however long it is: as the unknown in it is ignored, only limits.body_bytes bounds it.
  Reading read_some();
  // After kRefused: the request as a whole, in one line.
  [[nodiscard]] const Reply& refusal() const { return refusal_; }

  // After kComplete, once: what each core is to publish; many may have nothing to do.
  std::vector<PushOrder> take_orders(std::size_t cores);
  // What a core reported.
  void add(std::size_t core, const PushReport& report);
  // No report is missing.
  [[nodiscard]] bool is_answered() const { return missing_ == 0; }

  // Bytes of the body and of what was made of it. The messages are in it until their homes have
  // reported, be they under way or there.
  [[nodiscard]] std::size_t memory() const;

  // {"ok":1,"failed":1,"results":[{"cname":"a","seq":17},{"cname":"b","status":503,"error":"…"}]}
  [[nodiscard]] std::string answer() const;

 private:
  static constexpr std::uint32_t kNoName = UINT32_MAX;

  struct Result {
    std::uint32_t name = kNoName;
    int status = 200;
    std::uint64_t seq = 0;
    std::string_view fault;  // of static duration
  };

  void stage(const PushEntry& entry);
  std::uint32_t name_of(std::string_view cname);

  PushReader reader_;
  const NameHash& name_hash_;
  const Limits limits_;
  const std::uint64_t received_us_;
  std::uint32_t default_name_ = kNoName;
  std::vector<ChannelName> names_;                           // each once
  absl::flat_hash_map<std::uint64_t, std::uint32_t> named_;  // by hash
  std::vector<Result> results_;                              // by entry
  std::vector<MessageRef> messages_;                         // by entry; null where there is none
  std::vector<std::vector<std::uint32_t>> sent_;             // by core: the entries of its order
  std::size_t missing_ = 0;
  std::size_t name_memory_ = 0;     // of names_, outside of the objects
  std::size_t message_memory_ = 0;  // of the messages that were staged
  std::string scratch_;
  Reply refusal_;
};

}  // namespace comet
