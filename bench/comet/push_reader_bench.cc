#include "comet/push_reader.h"

#include <benchmark/benchmark.h>

#include <string>

#include "reactor/check.h"

namespace {

constexpr int kEntries = 1000;

std::string body_of(comet::PushForm form) {
  const std::string entry = R"({"cname":"news","content":"hello world, said with a few words"})";
  const bool array = form == comet::PushForm::kArray;
  std::string body = array ? "[" : "";
  for (int i = 0; i < kEntries; ++i) body += (array && i > 0 ? "," : "") + entry + "\n";
  return array ? body + "]" : body;
}

// An item is an entry of a body.
void read(benchmark::State& state, comet::PushForm form) {
  const std::string body = body_of(form);
  for (auto _ : state) {
    comet::PushReader reader(body, form);
    comet::PushEntry entry;
    int entries = 0;
    while (reader.next(entry) == comet::PushReader::Step::kEntry) ++entries;
    CHECK(entries == kEntries);
  }
  state.SetItemsProcessed(state.iterations() * kEntries);
}

void push_reader_array(benchmark::State& state) { read(state, comet::PushForm::kArray); }
BENCHMARK(push_reader_array);

void push_reader_lines(benchmark::State& state) { read(state, comet::PushForm::kLines); }
BENCHMARK(push_reader_lines);

}  // namespace
