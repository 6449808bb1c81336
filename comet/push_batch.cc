#include "comet/push_batch.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "comet/publish_refusal.h"
#include "http/json.h"
#include "reactor/check.h"

namespace comet {
namespace {

// Of one slice: whichever comes first.
constexpr std::size_t kSliceBytes = 256 * 1024;
constexpr std::size_t kSliceEntries = 1024;

}  // namespace

PushBatch::PushBatch(std::string_view body, PushForm form, std::string_view default_cname,
                     const NameHash& name_hash, Limits limits, std::uint64_t received_us)
    : reader_(body, form), name_hash_(name_hash), limits_(limits), received_us_(received_us) {
  if (!default_cname.empty()) default_name_ = name_of(default_cname);
}

PushBatch::Reading PushBatch::read_some() {
  const std::size_t bytes_end = reader_.bytes_read() + kSliceBytes;
  const std::size_t entries_end = results_.size() + kSliceEntries;
  PushEntry entry;
  while (reader_.bytes_read() < bytes_end && results_.size() < entries_end) {
    const PushReader::Step step = reader_.next(entry);
    if (step == PushReader::Step::kEmptyLine) continue;
    if (step == PushReader::Step::kEnd) return Reading::kComplete;
    if (step == PushReader::Step::kNotJson) {
      refusal_ = Reply::error(400, reader_.complaint());
      return Reading::kRefused;
    }
    if (results_.size() == limits_.messages) {
      refusal_ =
          Reply::error(413, fmt::format("more than {} messages in one request", limits_.messages));
      return Reading::kRefused;
    }
    stage(entry);
  }
  return Reading::kMore;
}

void PushBatch::stage(const PushEntry& entry) {
  Result& result = results_.emplace_back();
  MessageRef& message = messages_.emplace_back();
  const std::string_view name_fault = entry.cname.empty() ? "" : fault_of_name(entry.cname);
  result.name = default_name_;
  if (!entry.cname.empty()) result.name = name_fault.empty() ? name_of(entry.cname) : kNoName;
  result.status = 400;
  if (!entry.fault.empty()) {
    result.fault = entry.fault;
  } else if (!name_fault.empty()) {
    result.fault = name_fault;
  } else if (result.name == kNoName) {
    result.fault = fault_of_name({});
  } else if (entry.content.size() > limits_.content_bytes) {
    result.status = 413;
    result.fault = "content is longer than limits.content_bytes";
  } else {
    result.status = 200;
    scratch_.clear();
    http::append_json_escaped(scratch_, entry.content);
    message = MessageRef::make(Message::Type::kData, scratch_, received_us_);
    message_memory_ += sizeof(Message) + scratch_.size();
  }
}

std::uint32_t PushBatch::name_of(std::string_view cname) {
  // Often many in a row are for one channel.
  if (results_.size() > 1) {
    const std::uint32_t last = results_[results_.size() - 2].name;
    if (last != kNoName && names_[last].text == cname) return last;
  }
  const std::uint64_t hash = name_hash_(cname);
  const auto next = static_cast<std::uint32_t>(names_.size());
  const auto [found, added] = named_.try_emplace(hash, next);
  // Of two names with one hash, the second may stand in the list more than once.
  if (!added && names_[found->second].text == cname) return found->second;
  names_.push_back({std::string(cname), hash});
  name_memory_ += names_.back().memory();
  return next;
}

std::vector<PushOrder> PushBatch::take_orders(std::size_t cores) {
  std::vector<PushOrder> orders(cores);
  sent_.resize(cores);
  std::vector<std::uint32_t> places(names_.size(), kNoName);  // in the orders
  for (std::size_t i = 0; i < results_.size(); ++i) {
    if (!messages_[i]) continue;
    const std::uint32_t name = results_[i].name;
    const std::size_t home = home_core(names_[name].hash, cores);
    PushOrder& order = orders[home];
    if (order.entries.empty()) ++missing_;
    if (places[name] == kNoName) {
      places[name] = static_cast<std::uint32_t>(order.channels.size());
      order.channels.push_back(names_[name]);
    }
    order.entries.push_back({places[name], std::move(messages_[i])});
    sent_[home].push_back(static_cast<std::uint32_t>(i));
  }
  messages_.clear();
  return orders;
}

void PushBatch::add(std::size_t core, const PushReport& report) {
  const std::vector<std::uint32_t>& sent = sent_[core];
  CHECK(report.results.size() == sent.size() && missing_ > 0);
  --missing_;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const PushResult& got = report.results[i];
    Result& result = results_[sent[i]];
    result.seq = got.seq;
    if (const auto refusal = publish_refusal(got.outcome)) {
      result.status = refusal->status;
      result.fault = refusal->sentence;
    }
  }
}

std::size_t PushBatch::memory() const {
  // Of an entry, here and in the order that is made of it; of a name, here, there and by its hash.
  constexpr std::size_t kEntryBytes =
      sizeof(Result) + sizeof(PushOrder::Entry) + sizeof(PushResult) + sizeof(std::uint32_t);
  constexpr std::size_t kNameBytes =
      2 * sizeof(ChannelName) + sizeof(decltype(named_)::value_type) + 1;
  return sizeof(*this) + reader_.memory() + results_.capacity() * kEntryBytes +
         names_.capacity() * kNameBytes + 2 * name_memory_ + message_memory_;
}

std::string PushBatch::answer() const {
  std::vector<std::string> escaped(names_.size());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    escaped[i].push_back('"');
    http::append_json_escaped(escaped[i], names_[i].text);
    escaped[i].push_back('"');
  }
  std::size_t failed = 0;
  std::string results;
  auto out = std::back_inserter(results);
  for (const Result& result : results_) {
    // Both arms are views: with a string on one side, the other would be copied into one that is
    // gone.
    const std::string_view cname =
        result.name == kNoName ? std::string_view("null") : std::string_view(escaped[result.name]);
    if (!results.empty()) results.push_back(',');
    if (result.fault.empty()) {
      fmt::format_to(out, R"({{"cname":{},"seq":{}}})", cname, result.seq);
    } else {
      ++failed;
      fmt::format_to(out, R"({{"cname":{},"status":{},"error":"{}"}})", cname, result.status,
                     result.fault);
    }
  }
  return fmt::format(R"({{"ok":{},"failed":{},"results":[{}]}})", results_.size() - failed, failed,
                     results);
}

}  // namespace comet
