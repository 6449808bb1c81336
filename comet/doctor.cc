#include "comet/doctor.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "comet/descriptor_budget.h"

namespace comet {
namespace {

using reactor::Fact;
using reactor::HostFacts;
using reactor::kUnlimited;

// What an idle subscriber costs, as perf/README.md has it measured: the server's memory when each
// has a channel of its own, the kernel's for one end of a connection (a socket, its inode, its file
// and its place in epoll), and CPU for one heartbeat.
constexpr std::uint64_t kServerBytes = 524;
constexpr std::uint64_t kKernelBytes = 4096;
constexpr std::uint64_t kHeartbeatNanoseconds = 9'300;
constexpr std::uint64_t kServerBaseBytes = 16u << 20;

// Of those who come back all at once, when a proxy restarts or a network heals, so many are in the
// queues of connections that wait for accept(2). listen(2) asks for no more than the other.
constexpr std::uint64_t kReturningShare = 10;
constexpr std::uint64_t kSmallestQueue = 128;
constexpr std::uint64_t kLargestQueue = 65535;

// Threads beside the reactors: main's, and some air for what attaches to a process.
constexpr std::uint64_t kOtherTasks = 4;

constexpr std::uint64_t kMillisOfCpu = 1000;

// Rounded up to two digits: what a person would write.
std::uint64_t round_up(std::uint64_t value) {
  std::uint64_t step = 1;
  while (value / step >= 100) step *= 10;
  return (value + step - 1) / step * step;
}

// The same, down.
std::uint64_t round_down(std::uint64_t value) {
  std::uint64_t step = 1;
  while (value / step >= 100) step *= 10;
  return value / step * step;
}

std::uint64_t to_mebibytes(std::uint64_t bytes) { return (bytes >> 20) + 1; }

std::string sysctl(std::string_view key, std::uint64_t value) {
  return fmt::format("sysctl -w {}={}", key, round_up(value));
}

std::uint64_t descriptors(const Load& load) { return load.subscribers + load.descriptors_kept; }

std::uint64_t queue(const Load& load) {
  return std::clamp(load.subscribers / kReturningShare / load.reactors, kSmallestQueue,
                    kLargestQueue);
}

std::uint64_t bytes_at_rest(const Load& load) {
  return kServerBaseBytes + load.subscribers * (kServerBytes + kKernelBytes);
}

// While everybody's newest message waits to be read, each socket holds a page for it.
std::uint64_t bytes_at_worst(const Load& load, const HostFacts& facts) {
  return bytes_at_rest(load) + load.subscribers * facts.page_bytes;
}

std::uint64_t heartbeat_millis(const Load& load) {
  constexpr std::uint64_t kNanosecondsOfMilli = 1'000'000;
  return load.subscribers * kHeartbeatNanoseconds /
         (std::max<std::uint64_t>(load.polling_timeout_s, 1) * kNanosecondsOfMilli);
}

// Fine when there is as much as needed, else `otherwise`; the remedy is only for the latter.
Diagnosis compare(std::string_view what, Fact current, std::uint64_t needed, Verdict otherwise,
                  std::string_view why, std::string remedy) {
  Diagnosis diagnosis{what, Unit::kCount, current, needed, Verdict::kFine, why, std::move(remedy)};
  if (!current) {
    diagnosis.verdict = Verdict::kUnknown;
  } else if (*current < needed) {
    diagnosis.verdict = otherwise;
  }
  if (diagnosis.verdict == Verdict::kFine) diagnosis.remedy.clear();
  return diagnosis;
}

std::optional<Diagnosis> check_nr_open(const Load& load, const HostFacts& facts) {
  return compare("fs.nr_open", facts.nr_open, descriptors(load), Verdict::kInTheWay,
                 "No process's descriptor limit can be raised beyond it.",
                 sysctl("fs.nr_open", descriptors(load)));
}

std::optional<Diagnosis> check_file_max(const Load& load, const HostFacts& facts) {
  const std::uint64_t needed = descriptors(load) + facts.files_open.value_or(0);
  return compare("fs.file-max", facts.file_max, needed, Verdict::kInTheWay,
                 "Files and sockets that all processes together may have open.",
                 sysctl("fs.file-max", needed));
}

// The server raises the soft limit to the hard one by itself.
std::optional<Diagnosis> check_descriptors(const Load& load, const HostFacts& facts) {
  // A little more than needed, but not more than fs.nr_open, which is refused.
  const std::uint64_t wanted = std::max(
      descriptors(load), std::min(round_up(descriptors(load)), facts.nr_open.value_or(kUnlimited)));
  return compare("RLIMIT_NOFILE (hard)", facts.descriptors_hard, descriptors(load),
                 Verdict::kInTheWay,
                 "Descriptors of the server: what is shown is this shell's limit, which a server "
                 "started here inherits.",
                 fmt::format("ulimit -n {0} (as root, in the shell that starts it), or "
                             "LimitNOFILE={0} in the unit",
                             wanted));
}

std::optional<Diagnosis> check_watches(const Load& load, const HostFacts& facts) {
  return compare("fs.epoll.max_user_watches", facts.epoll_max_user_watches, descriptors(load),
                 Verdict::kInTheWay, "Descriptors that all programs of one user may watch.",
                 sysctl("fs.epoll.max_user_watches", descriptors(load)));
}

std::optional<Diagnosis> check_somaxconn(const Load& load, const HostFacts& facts) {
  return compare("net.core.somaxconn", facts.somaxconn, queue(load), Verdict::kTight,
                 "Connections that wait to be accepted, for each reactor; beyond it, those who "
                 "return at once are made to wait a second and more.",
                 sysctl("net.core.somaxconn", queue(load)));
}

// With SYN cookies the kernel goes on beyond it, so nobody waits.
std::optional<Diagnosis> check_syn_backlog(const Load& load, const HostFacts& facts) {
  const bool cookies = facts.tcp_syncookies.value_or(0) != 0;
  return compare("net.ipv4.tcp_max_syn_backlog", facts.tcp_max_syn_backlog, queue(load),
                 cookies ? Verdict::kFine : Verdict::kTight,
                 "Handshakes under way, for each reactor; net.ipv4.tcp_syncookies=1 does as well.",
                 sysctl("net.ipv4.tcp_max_syn_backlog", queue(load)));
}

// One page for each unread message, as a socket's accounting rounds up. Between pressure and the
// maximum TCP gets slow, beyond the maximum it drops.
std::optional<Diagnosis> check_tcp_mem(const Load& load, const HostFacts& facts) {
  const std::uint64_t pressure = round_up(load.subscribers);
  const bool dropped = facts.tcp_max_pages.value_or(kUnlimited) < load.subscribers;
  Diagnosis diagnosis = compare(
      "net.ipv4.tcp_mem (pressure)", facts.tcp_pressure_pages, load.subscribers,
      dropped ? Verdict::kInTheWay : Verdict::kTight,
      "Pages that all sockets' unread bytes may take: one for each subscriber while a message to "
      "all is under way.",
      fmt::format("sysctl -w net.ipv4.tcp_mem=\"{} {} {}\"", pressure / 4 * 3, pressure,
                  pressure / 2 * 3));
  diagnosis.unit = Unit::kPages;
  return diagnosis;
}

// A machine that has counted no connection yet has the module, but no rule that makes it track.
std::optional<Diagnosis> check_conntrack(const Load& load, const HostFacts& facts) {
  if (!facts.conntrack_max) return std::nullopt;
  const std::uint64_t tracked = facts.conntrack_count.value_or(0);
  return compare("net.netfilter.nf_conntrack_max", facts.conntrack_max, load.subscribers + tracked,
                 tracked > 0 ? Verdict::kInTheWay : Verdict::kTight,
                 "Connections that the firewall tracks; beyond it, new ones are dropped.",
                 sysctl("net.netfilter.nf_conntrack_max", load.subscribers + tracked));
}

Diagnosis check_bytes(std::string_view what, Fact current, const Load& load, const HostFacts& facts,
                      std::string remedy) {
  const bool rests = current.value_or(kUnlimited) >= bytes_at_rest(load);
  Diagnosis diagnosis = compare(
      what, current, bytes_at_worst(load, facts), rests ? Verdict::kTight : Verdict::kInTheWay,
      "A subscriber takes up to 524 bytes of the server and 4 KiB of the kernel, and a page more "
      "while a message waits to be read; kept messages come on top.",
      std::move(remedy));
  diagnosis.unit = Unit::kBytes;
  return diagnosis;
}

std::optional<Diagnosis> check_memory(const Load& load, const HostFacts& facts) {
  return check_bytes("available memory", facts.memory_available, load, facts,
                     "no setting: more memory, or fewer subscribers on this machine");
}

std::optional<Diagnosis> check_group_memory(const Load& load, const HostFacts& facts) {
  if (!facts.group_memory_bytes) return std::nullopt;
  return check_bytes("control group: memory", facts.group_memory_bytes, load, facts,
                     fmt::format("systemctl set-property comet.service MemoryMax={}M",
                                 round_up(to_mebibytes(bytes_at_worst(load, facts)))));
}

// What sockets leave the server of the memory that there is, while everybody's newest message waits
// to be read; not known where the memory is not.
Fact bytes_for_server(const Load& load, const HostFacts& facts) {
  const std::uint64_t there = std::min(facts.memory_available.value_or(kUnlimited),
                                       facts.group_memory_bytes.value_or(kUnlimited));
  if (there == kUnlimited) return std::nullopt;
  const std::uint64_t sockets = load.subscribers * (kKernelBytes + facts.page_bytes);
  return there - std::min(there, sockets);
}

// It can be wrong both ways: too small for the subscribers, or more than there is to take.
std::optional<Diagnosis> check_max_memory(const Load& load, const HostFacts& facts) {
  const std::uint64_t needed = load.subscribers * kServerBytes;
  const Fact there = bytes_for_server(load, facts);
  const std::string remedy = fmt::format("limits.max_memory = {} in the configuration",
                                         std::max(needed, round_down(there.value_or(0))));
  Diagnosis diagnosis = compare("limits.max_memory", load.max_memory, needed, Verdict::kInTheWay,
                                "At the budget the server refuses what would make it larger; "
                                "without one, or where there is less, the kernel ends it.",
                                remedy);
  if (diagnosis.verdict == Verdict::kFine && load.max_memory > there.value_or(kUnlimited - 1)) {
    diagnosis.verdict = there ? Verdict::kTight : Verdict::kUnknown;
    diagnosis.remedy = remedy;
  }
  diagnosis.unit = Unit::kBytes;
  return diagnosis;
}

std::optional<Diagnosis> check_group_tasks(const Load& load, const HostFacts& facts) {
  if (!facts.group_tasks) return std::nullopt;
  const std::uint64_t needed = load.reactors + kOtherTasks;
  return compare("control group: tasks", facts.group_tasks, needed, Verdict::kInTheWay,
                 "A thread for each reactor.",
                 fmt::format("systemctl set-property comet.service TasksMax={}", round_up(needed)));
}

std::optional<Diagnosis> check_group_cpu(const Load& load, const HostFacts& facts) {
  if (!facts.group_cpu_millis) return std::nullopt;
  const std::uint64_t needed = load.reactors * kMillisOfCpu;
  Diagnosis diagnosis = compare(
      "control group: CPU", facts.group_cpu_millis, needed, Verdict::kTight,
      "With less than a CPU for each reactor, all of them stand still for the rest of a period.",
      fmt::format("systemctl set-property comet.service CPUQuota={}%, or fewer reactors",
                  load.reactors * 100));
  diagnosis.unit = Unit::kCpuMillis;
  return diagnosis;
}

std::optional<Diagnosis> check_reactors(const Load& load, const HostFacts&) {
  return compare("CPUs", load.cpus, load.reactors, Verdict::kTight,
                 "A CPU for each reactor, else they push each other aside.",
                 "take `reactors` out of the configuration: there is then one for each CPU");
}

// No more than half of the time for heartbeats, so that messages find a reactor free.
std::optional<Diagnosis> check_heartbeats(const Load& load, const HostFacts& facts) {
  const std::uint64_t cpus = std::min(std::min(load.cpus, load.reactors) * kMillisOfCpu,
                                      facts.group_cpu_millis.value_or(kUnlimited));
  const std::uint64_t beats = heartbeat_millis(load);
  Diagnosis diagnosis =
      compare("CPU for heartbeats, twice over", cpus, beats * 2,
              beats > cpus ? Verdict::kInTheWay : Verdict::kTight,
              "Idle subscribers are each sent a heartbeat every front.polling_timeout seconds.",
              "a longer front.polling_timeout, or more CPUs");
  diagnosis.unit = Unit::kCpuMillis;
  return diagnosis;
}

std::optional<Diagnosis> check_channels(const Load& load, const HostFacts&) {
  const std::uint64_t per_channel = std::max<std::uint64_t>(load.max_subscribers_per_channel, 1);
  const bool unlimited = load.max_channels > kUnlimited / per_channel;
  const std::uint64_t most = unlimited ? kUnlimited : load.max_channels * per_channel;
  return compare("front.max_channels × max_subscribers_per_channel", most, load.subscribers,
                 Verdict::kInTheWay, "Subscribers that the configuration has room for.",
                 "raise one of the two in the configuration");
}

std::optional<Diagnosis> check_connections(const Load& load, const HostFacts&) {
  return compare("front.max_connections", load.max_connections, load.subscribers,
                 Verdict::kInTheWay, "Connections that the configuration lets in.",
                 "raise it in the configuration, or take it out");
}

constexpr std::array kChecks{
    check_channels,  check_connections,  check_nr_open,     check_file_max,    check_descriptors,
    check_watches,   check_somaxconn,    check_syn_backlog, check_tcp_mem,     check_conntrack,
    check_memory,    check_group_memory, check_max_memory,  check_group_tasks, check_reactors,
    check_group_cpu, check_heartbeats,
};

}  // namespace

Load load_of(std::uint64_t subscribers, const Config& config, std::uint64_t cpus) {
  Load load;
  load.subscribers = subscribers;
  load.cpus = cpus;
  load.reactors = config.reactors != 0 ? config.reactors : cpus;
  load.descriptors_kept = DescriptorBudget::kept(
      config, load.reactors, config.front.listen.size() + config.admin.listen.size());
  load.polling_timeout_s = config.front.polling_timeout_s;
  load.max_channels = config.front.max_channels;
  load.max_subscribers_per_channel = config.front.max_subscribers_per_channel;
  if (config.front.max_connections != 0) load.max_connections = config.front.max_connections;
  if (config.limits.max_memory != 0) load.max_memory = config.limits.max_memory;
  return load;
}

std::string_view to_string(Verdict verdict) {
  constexpr std::array<std::string_view, 4> kWords{"fine", "unknown", "tight", "in the way"};
  return kWords[static_cast<std::size_t>(verdict)];
}

std::vector<Diagnosis> examine(const Load& load, const HostFacts& facts) {
  std::vector<Diagnosis> diagnoses;
  for (const auto check : kChecks) {
    if (auto diagnosis = check(load, facts)) diagnoses.push_back(std::move(*diagnosis));
  }
  return diagnoses;
}

Verdict worst(std::span<const Diagnosis> diagnoses) {
  Verdict worst = Verdict::kFine;
  for (const Diagnosis& diagnosis : diagnoses) {
    if (diagnosis.verdict != Verdict::kUnknown) worst = std::max(worst, diagnosis.verdict);
  }
  return worst;
}

}  // namespace comet
