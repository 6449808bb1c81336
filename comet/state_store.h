// The state's files: FILE, the last snapshot of all channels, and FILE.numbers, the ledger of
// numbers that may have been given out. FILE.lock keeps a second server away.
//
// Owned by the server. Used by one thread at a time: by main before the cores run, by the state's
// writer meanwhile, by main again when they have stopped. Both files are replaced as a whole or
// not at all. Where they are is the disk's matter. The order of writing is what makes numbers
// unique: a ceiling is in the ledger before any number up to it is given out, and a snapshot is
// complete only when the ledger says so, last.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "comet/channel_record.h"
#include "comet/number_ledger.h"
#include "comet/state_disk.h"
#include "comet/state_encoder.h"
#include "reactor/result.h"

namespace comet {

// A snapshot on its way to the disk. An error is kept until finish(), and the rest is dropped.
class StateSnapshot {
 public:
  StateSnapshot(std::unique_ptr<StateDisk::NewFile> file, const StateHeader& header);
  StateSnapshot(const StateSnapshot&) = delete;
  StateSnapshot& operator=(const StateSnapshot&) = delete;

  void add(const ChannelRecord& channel);
  // The snapshot is on the disk under its name. The error is the end of a sentence.
  std::optional<reactor::Error> finish();

  [[nodiscard]] bool failed() const { return error_.has_value(); }
  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const StateFooter& written() const { return encoder_.written(); }

 private:
  void append(std::string_view bytes);

  // A ledger that must be written meanwhile waits for no more than that.
  static constexpr std::uint64_t kSyncBytes = 8 << 20;

  std::uint64_t id_;
  std::unique_ptr<StateDisk::NewFile> file_;
  std::uint64_t bytes_ = 0;  // written so far, and those of them that are on the disk
  std::uint64_t synced_ = 0;
  std::optional<reactor::Error> error_;
  StateEncoder encoder_;
};

class StateStore {
 public:
  // How many numbers are reserved at once: by a start, few enough for a server that crashes again
  // and again, as old clients count in 32 bits; and by one whose channels use them up.
  struct Steps {
    std::uint64_t first = 1 << 16;
    std::uint64_t next = 1 << 20;
  };

  // Files in the file system; keeps other servers away from now on.
  static reactor::Result<std::unique_ptr<StateStore>> open(const std::string& path);
  StateStore(std::string path, std::unique_ptr<StateDisk> disk, Steps steps)
      : path_(std::move(path)), disk_(std::move(disk)), steps_(steps) {}

  // What a state is loaded into. Numbering comes first, once. What was handed over is not to be
  // used when load() fails.
  struct Loader {
    std::function<void(const Numbering&)> number_from;
    // The time when the state was saved goes with each channel.
    std::function<void(ChannelRecord&&, std::int64_t saved_unix_ms)> restore;
  };
  std::optional<reactor::Error> load(const Loader& loader);

  // Instead of load(): gives the state another name, and the ledger, too, when it can't be read.
  // Numbers go on behind the ledger's. `name` is appended to the old one.
  reactor::Result<Numbering> set_aside(std::string_view name);

  // After either: the ledger says that numbers up to and with `greatest`, and some more, may have
  // been given out. Also when more are wanted.
  std::optional<reactor::Error> reserve(std::uint64_t greatest);
  // No number from here on may be given out.
  [[nodiscard]] std::uint64_t ceiling() const { return ledger_.ceiling; }
  // A channel that has got there needs more numbers soon.
  [[nodiscard]] std::uint64_t reserve_from() const { return ledger_.ceiling - step_ / 2; }

  enum class Completeness : std::uint8_t { kRunning, kStopped };
  reactor::Result<std::unique_ptr<StateSnapshot>> begin_snapshot(std::int64_t now_unix_ms,
                                                                 Completeness completeness);
  // The server gave out no number since this snapshot was begun, and will not.
  std::optional<reactor::Error> complete(const StateSnapshot& snapshot);

  // How load() or set_aside() decided.
  [[nodiscard]] const Numbering& numbering() const { return numbering_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string ledger_path() const { return path_ + ".numbers"; }

 private:
  std::optional<reactor::Error> read_ledger();
  std::optional<reactor::Error> read_state(const Loader& loader);
  std::optional<reactor::Error> write_ledger(const NumberLedger& ledger);
  [[nodiscard]] reactor::Error about(std::string_view path, std::string_view what) const;

  const std::string path_;
  const std::unique_ptr<StateDisk> disk_;
  const Steps steps_;
  bool has_ledger_ = false;
  NumberLedger ledger_;
  Numbering numbering_;
  std::uint64_t step_ = 0;  // of the last reservation; 0: none yet
};

}  // namespace comet
