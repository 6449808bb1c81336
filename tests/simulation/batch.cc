#include "tests/simulation/batch.h"

#include <utility>

#include "comet/publish_refusal.h"
#include "tests/simulation/names.h"
#include "tests/simulation/violation.h"

namespace simulation {
namespace {

constexpr comet::PushBatch::Limits kLimits{1000, 100'000};

std::string body_of(const std::vector<Batch::Entry>& entries, comet::PushForm form) {
  const bool lines = form == comet::PushForm::kLines;
  std::string body;
  for (const Batch::Entry& entry : entries) {
    if (!body.empty()) body += lines ? "\n" : ",";
    body += fmt::format(R"({{"cname":"{}","content":"{}"}})", entry.name, entry.content);
  }
  return lines ? body : "[" + body + "]";
}

}  // namespace

Batch::Batch(std::vector<Entry>&& entries, comet::PushForm form, const support::HubWorld& world,
             std::size_t core)
    : entries_(std::move(entries)),
      core_(core),
      batch_(body_of(entries_, form), form, {}, world.hash(), kLimits, world.now().monotonic_us) {
  comet::PushBatch::Reading reading = batch_.read_some();
  while (reading == comet::PushBatch::Reading::kMore) reading = batch_.read_some();
  INVARIANT(reading == comet::PushBatch::Reading::kComplete, "a batch is refused");
  for (Entry& entry : entries_) entry.fault = comet::fault_of_name(raw_name(entry.name));
}

std::vector<std::size_t> Batch::entries_of(std::size_t home, const support::HubWorld& world) const {
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < entries_.size(); ++place) {
    const Entry& entry = entries_[place];
    if (entry.fault.empty() && world.home_of(raw_name(entry.name)) == home) {
      places.push_back(place);
    }
  }
  return places;
}

void Batch::look_for_answer() {
  if (answered_ || !batch_.is_answered()) return;
  answered_ = true;
  const std::string expected = expected_answer();
  INVARIANT(batch_.answer() == expected, "a batch is answered {} where {} was due", batch_.answer(),
            expected);
}

std::string Batch::expected_answer() const {
  std::size_t failed = 0;
  std::string results;
  for (const Entry& entry : entries_) {
    if (!results.empty()) results += ",";
    if (!entry.fault.empty()) {
      ++failed;
      results += fmt::format(R"({{"cname":null,"status":400,"error":"{}"}})", entry.fault);
      continue;
    }
    INVARIANT(entry.given, "a batch is answered before its homes have");
    if (const auto refusal = comet::publish_refusal(entry.given->outcome)) {
      ++failed;
      results += fmt::format(R"({{"cname":"{}","status":{},"error":"{}"}})", entry.name,
                             refusal->status, refusal->sentence);
    } else {
      results += fmt::format(R"({{"cname":"{}","seq":{}}})", entry.name, entry.given->seq);
    }
  }
  return fmt::format(R"({{"ok":{},"failed":{},"results":[{}]}})", entries_.size() - failed, failed,
                     results);
}

}  // namespace simulation
