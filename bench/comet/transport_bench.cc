#include "comet/transport.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "bench/support/one_core.h"

namespace {

using comet::Transport;

constexpr std::uint64_t kSeq = 1'000'000;

// An iteration: one message of 100 bytes, or several joined into a run, rendered into a string that
// has the room already. Items are messages.
void render(benchmark::State& state, comet::Framing framing, std::string_view content,
            std::uint64_t messages = 1) {
  const comet::MessageRef message = bench::message(content);
  const std::string name = comet::escaped_name(framing.transport, "news");
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (std::uint64_t i = 0; i < messages; ++i) {
      comet::append_message(out, framing, name, kSeq + i, *message);
    }
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}

void transport_stream(benchmark::State& state) {
  render(state, {Transport::kStream, true}, bench::kContent);
}
BENCHMARK(transport_stream);

void transport_stream_without_chunks(benchmark::State& state) {
  render(state, {Transport::kStream, false}, bench::kContent);
}
BENCHMARK(transport_stream_without_chunks);

void transport_sse(benchmark::State& state) {
  render(state, {Transport::kSse, true}, bench::kContent);
}
BENCHMARK(transport_sse);

void transport_iframe(benchmark::State& state) {
  render(state, {Transport::kIframe, true}, bench::kContent);
}
BENCHMARK(transport_iframe);

// A content that must be escaped once more for a script element.
void transport_iframe_with_markup(benchmark::State& state) {
  render(state, {Transport::kIframe, true}, "<p>The <b>quick</b> brown <i>fox</i></p>");
}
BENCHMARK(transport_iframe_with_markup);

void transport_run_of_40(benchmark::State& state) {
  render(state, {Transport::kStream, true}, bench::kContent, 40);
}
BENCHMARK(transport_run_of_40);

// An iteration: the body of a poll's answer, one live message or several that waited.
void poll_body(benchmark::State& state, std::uint64_t messages, comet::PollForm form) {
  const comet::MessageRef message = bench::message();
  comet::History history(kSeq);
  for (std::uint64_t i = 0; i < messages; ++i) history.append(message);
  const comet::PollWrap wrap{true, "icomet_cb"};
  const std::string name = comet::escaped_name(Transport::kPoll, "news");
  std::string out;
  for (auto _ : state) {
    out.clear();
    comet::append_poll_messages(out, wrap, name, history, history.begin(), form);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(messages));
}

void transport_poll(benchmark::State& state) { poll_body(state, 1, comet::PollForm::kLive); }
BENCHMARK(transport_poll);

void transport_poll_of_10(benchmark::State& state) {
  poll_body(state, 10, comet::PollForm::kWaiting);
}
BENCHMARK(transport_poll_of_10);

}  // namespace
