// The course of one run: forks the processes, leads them from one phase to the next, and measures.
//
// Owned by main, lives in the first process. Nothing waits without a deadline: a phase in which
// nothing moves on ends the run with a sentence.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/board.h"
#include "bench/load/clock.h"
#include "bench/load/dialect.h"
#include "bench/load/generator.h"
#include "bench/load/options.h"
#include "bench/load/process_stats.h"
#include "bench/load/progress.h"
#include "bench/load/results.h"
#include "bench/load/schedule.h"
#include "reactor/result.h"

namespace load {

class Run {
 public:
  struct Patience {
    std::int64_t rest_ns = kSecond;            // of a server that all have subscribed to
    std::int64_t subscribe_ns = 10 * kSecond;  // for one more subscriber
    std::int64_t silence_ns = 5 * kSecond;     // for one more answer or delivery
  };

  // `descriptors`: how many a process may open. The options outlive the run.
  Run(const Options& options, std::size_t descriptors, const Patience& patience);
  Run(const Options& options, std::size_t descriptors) : Run(options, descriptors, Patience()) {}
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  reactor::Result<Results> go();

 private:
  // What is compared before and after something.
  struct Sample {
    std::int64_t at_ns = 0;
    std::uint64_t cpu_ns = 0;
    std::uint64_t generator_cpu_ns = 0;
    std::uint64_t received = 0;
    std::uint64_t responses = 0;
    std::uint64_t acknowledged = 0;
  };

  void fork_others();
  [[noreturn]] void be_other(std::size_t process);

  bool subscribe();
  bool idle();
  bool find_numbers();
  bool publish();
  bool finish();

  // Turns until `over`; false in trouble, and when `progress` has stood still for `patience_ns`.
  bool turn_until(const std::function<bool()>& over, const std::function<std::uint64_t()>& progress,
                  std::int64_t patience_ns, const std::function<void()>& show);
  bool turn_for(std::int64_t ns, std::string_view phase);
  // Looks whether something went wrong anywhere, now and then.
  bool in_trouble();
  bool fail(std::string sentence);

  [[nodiscard]] bool take_sample(Sample& sample);
  [[nodiscard]] std::uint64_t generator_cpu_ns() const;
  [[nodiscard]] bool sample_memory(std::uint64_t& bytes);
  [[nodiscard]] std::optional<double> cpu_us(const Sample& from, const Sample& to,
                                             double count) const;
  void note_publish(const Sample& before, const Sample& after, std::int64_t begin_ns);
  // Of the acknowledged messages from number `from` on, over all channels.
  struct Totals {
    std::uint64_t messages = 0;
    std::uint64_t deliveries = 0;
  };
  [[nodiscard]] Totals totals(std::uint64_t from);

  const Options& options_;
  Patience patience_;
  std::unique_ptr<const Dialect> dialect_;
  Schedule schedule_;
  Board board_;
  ProcessStats stats_;
  Progress progress_;
  std::vector<pid_t> others_;
  std::unique_ptr<Generator> generator_;
  std::uint64_t first_measured_ = 0;
  std::int64_t wake_ns_ = kNever;  // what a turn must not sleep past
  std::int64_t next_look_ = 0;
  std::string trouble_;
  Results results_;
};

}  // namespace load
