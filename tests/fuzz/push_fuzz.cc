// A body of many messages: the first byte's parity says whether it is an array or lines.
#include <simdjson.h>

#include <string>
#include <vector>

#include "comet/push_batch.h"
#include "http/json.h"
#include "tests/fuzz/target.h"

namespace {

constexpr std::size_t kCores = 3;

// How many entries a body of lines has: those of its lines that are not blank.
std::size_t lines_of(std::string_view body) {
  std::size_t lines = 0;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    if (body.substr(0, end).find_first_not_of(" \t\r") != std::string_view::npos) ++lines;
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const comet::NameHash hash(1, 2);
  std::string_view body = fuzz::text_of(data, size);
  if (body.empty()) return 0;
  const auto form = body[0] % 2 == 0 ? comet::PushForm::kArray : comet::PushForm::kLines;
  body.remove_prefix(1);
  comet::PushBatch batch(body, form, "the default", hash, {50, 100}, 0);
  comet::PushBatch::Reading reading = comet::PushBatch::Reading::kMore;
  while (reading == comet::PushBatch::Reading::kMore) reading = batch.read_some();

  static simdjson::dom::parser parser;
  if (reading == comet::PushBatch::Reading::kRefused) {
    const comet::Reply& refusal = batch.refusal();
    CHECK(refusal.status == 400 || refusal.status == 413);
    CHECK(refusal.body.find('\n') == refusal.body.size() - 1);
    // What another reader takes for an array of objects is no mistake.
    if (form == comet::PushForm::kArray && refusal.status == 400) {
      simdjson::dom::array array;
      CHECK(parser.parse(body.data(), body.size()).get(array) != simdjson::SUCCESS);
    }
    return 0;
  }
  if (form == comet::PushForm::kArray) {  // nor is what it does not take for one let in
    const simdjson::error_code error = parser.parse(body.data(), body.size()).error();
    CHECK(error == simdjson::SUCCESS || error == simdjson::DEPTH_ERROR);
  }
  const std::vector<comet::PushOrder> orders = batch.take_orders(kCores);
  std::size_t published = 0;
  for (std::size_t core = 0; core < kCores; ++core) {
    comet::PushReport report;
    for (const comet::PushOrder::Entry& entry : orders[core].entries) {
      const comet::ChannelName& name = orders[core].channels.at(entry.channel);
      CHECK(comet::fault_of_name(name.text).empty() && hash(name.text) == name.hash);
      CHECK(http::is_json_string_body(entry.message->content()));
      report.results.push_back({++published, comet::Outcome::kOk});
    }
    if (!report.results.empty()) batch.add(core, report);
  }
  CHECK(batch.is_answered());
  const std::string answer = batch.answer();
  simdjson::dom::element parsed;
  CHECK(parser.parse(answer).get(parsed) == simdjson::SUCCESS);
  const std::size_t results = simdjson::dom::array(parsed["results"]).size();
  CHECK(std::uint64_t(parsed["ok"]) == published);
  CHECK(std::uint64_t(parsed["failed"]) == results - published);
  if (form == comet::PushForm::kLines) CHECK(results == lines_of(body));
  return 0;
}
