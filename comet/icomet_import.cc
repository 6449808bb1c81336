#include "comet/icomet_import.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "comet/config_overrides.h"
#include "comet/icomet_config.h"
#include "comet/repeated_address.h"
#include "comet/settings.h"
#include "reactor/check.h"

namespace comet {
namespace {

using Complaint = std::optional<std::string>;

// iComet's keys that are ours, too.
constexpr std::array<std::string_view, 9> kSameKeys{
    "pidfile",
    "logger.level",
    "logger.output",
    "front.auth",
    "front.max_channels",
    "front.max_subscribers_per_channel",
    "front.channel_buffer_size",
    "front.channel_timeout",
    "front.polling_timeout",
};

// The same, where the value is an entry of a list of ours.
constexpr std::array<std::string_view, 4> kListKeys{
    "front.listen",
    "admin.listen",
    "admin.allow",
    "admin.deny",
};

// An address in two halves; the second of them completes it.
struct Halves {
  std::string_view ip;
  std::string_view port;
  std::string_view whole;
};

constexpr std::array kHalves{
    Halves{"front.ip", "front.port", "front.listen"},
    Halves{"admin.ip", "admin.port", "admin.listen"},
};

constexpr std::array<std::string_view, 4> kBlocks{"logger", "logger.rotate", "admin", "front"};

struct Absent {
  std::string_view key;
  std::string_view reason;
};

constexpr std::string_view kIframeReason = "what surrounds the messages of /iframe is fixed here.";
constexpr std::array kAbsent{
    Absent{"logger.rotate.size",
           "logrotate does that: on SIGUSR1 the log file is opened anew; see comet.logrotate."},
    Absent{"front.stream_header_template", kIframeReason},
    Absent{"front.stream_chunk_prefix_template", kIframeReason},
    Absent{"front.stream_chunk_suffix_template", kIframeReason},
};

constexpr std::string_view kFolderNote =
    "iComet counted the path from the folder of its configuration; here it counts from the folder "
    "in which the server starts.";
constexpr std::string_view kPrefixNote =
    "A prefix has whole numbers here: 10 does not let in 100.1.2.3.";
constexpr std::string_view kHalfNote = "iComet took half of polling_timeout, for there was a 0.";
constexpr std::string_view kEverybodyNote =
    "There is neither allow nor deny: iComet let everybody use the admin port, this server only "
    "its own machine unless admin.allow says otherwise.";

bool is_in(std::string_view key, const auto& keys) {
  return std::ranges::find(keys, key) != keys.end();
}

const Setting& setting_of(std::string_view key) {
  const Setting* setting = find_setting(key);
  CHECK(setting != nullptr);
  return *setting;
}

bool is_relative_path(const IcometEntry& entry) {
  if (entry.key == "logger.output" && (entry.value == "stdout" || entry.value == "stderr")) {
    return false;
  }
  return (entry.key == "pidfile" || entry.key == "logger.output") && !entry.value.empty() &&
         !entry.value.starts_with('/');
}

bool is_textual_prefix(std::string_view network) {
  const bool is_prefix = network.find_first_not_of("0123456789.") == std::string_view::npos;
  return is_prefix && !network.ends_with('.') && std::ranges::count(network, '.') < 3;
}

// Takes the entries one after the other, and then writes what they are here.
class Import {
 public:
  // These answer what is wrong, if anything is.
  Complaint take(const IcometEntry& entry) {
    const bool is_first = lines_.try_emplace(entry.key, entry.line).second;
    if (is_in(entry.key, kListKeys)) return take_list_entry(entry, is_first);
    if (is_in(entry.key, kSameKeys)) return take_value(entry, is_first);
    const auto halves = std::ranges::find_if(kHalves, [&](const Halves& address) {
      return address.ip == entry.key || address.port == entry.key;
    });
    if (halves != kHalves.end()) return take_half(entry, *halves);
    if (entry.value.empty() && is_in(entry.key, kBlocks)) return std::nullopt;
    const auto absent = std::ranges::find(kAbsent, entry.key, &Absent::key);
    leave_out(entry, absent == kAbsent.end() ? "neither iComet nor this server has such a key."
                                             : absent->reason);
    return std::nullopt;
  }

  Complaint finish() {
    for (const auto& [key, entry] : halves_) {
      leave_out(entry, "an address takes an IP address and a port, and one of them is missing.");
    }
    assign_access();
    if (halve_polling_timeout_) {
      set(setting_of("front.channel_timeout"),
          std::int64_t{std::max(1u, config_.front.polling_timeout_s / 2)});
    }
    const auto repeated = find_repeated_address(config_);
    if (!repeated) return std::nullopt;
    return repeated->sentence;
  }

  // Where to look when two lines do not go together.
  [[nodiscard]] std::size_t line_of_addresses() const {
    std::size_t line = 1;
    for (const std::string_view key : {"front.listen", "admin.listen"}) {
      if (const auto found = lines_.find(key); found != lines_.end()) line = found->second;
    }
    return line;
  }

  [[nodiscard]] std::string toml() const {
    std::string out =
        "# Made from an iComet configuration. What is not here has this server's default.\n";
    std::string_view section;
    for (const Setting& setting : settings()) {
      const auto found = written_.find(setting.key);
      if (found == written_.end()) continue;
      if (setting.section() != section) {
        section = setting.section();
        fmt::format_to(std::back_inserter(out), "\n[{}]\n", section);
      }
      if (!found->second.empty()) fmt::format_to(std::back_inserter(out), "# {}\n", found->second);
      fmt::format_to(std::back_inserter(out), "{} = {}\n", setting.name(),
                     render_value(value_of(setting, config_)));
    }
    if (!written_.contains("admin.allow")) out += fmt::format("\n# {}\n", kEverybodyNote);
    if (!left_out_.empty()) out += "\n# Left out:\n" + left_out_;
    return out;
  }

 private:
  // What is set gets a note, which may be empty.
  void set(const Setting& setting, const Value& value) {
    const Complaint complaint = assign(setting, value, config_);
    CHECK(!complaint);
    written_.try_emplace(setting.key);
  }

  void leave_out(const IcometEntry& entry, std::string_view reason) {
    fmt::format_to(std::back_inserter(left_out_), "# line {}, {}: {}\n#   {}\n", entry.line,
                   entry.key, entry.value, reason);
  }

  Complaint take_value(const IcometEntry& entry, bool is_first) {
    if (!is_first) {
      leave_out(entry, "of a repeated key the first value counts, as it did in iComet.");
      return std::nullopt;
    }
    std::string_view value = entry.value;
    std::string_view note;
    if (entry.key == "front.channel_timeout" && value == "0") {
      halve_polling_timeout_ = true;
      written_.emplace(setting_of(entry.key).key, kHalfNote);
      return std::nullopt;
    }
    if (entry.key == "logger.output" && value.empty()) value = "stdout";  // iComet's default
    if (is_relative_path(entry)) note = kFolderNote;
    const Setting& setting = setting_of(entry.key);
    if (auto complaint = assign_text(setting, value, config_)) return complaint;
    written_.emplace(setting.key, note);
    return std::nullopt;
  }

  Complaint take_list_entry(const IcometEntry& entry, bool is_first) {
    const Setting& setting = setting_of(entry.key);
    const bool is_address = entry.key.ends_with(".listen");
    if (is_address && !is_first) {
      leave_out(entry, "iComet listened on the first address only.");
      return std::nullopt;
    }
    std::vector<std::string>& list = lists_[setting.key];
    list.push_back(entry.value);
    if (auto complaint = assign(setting, list, config_)) return complaint;
    std::string_view& note = written_[setting.key];
    if (!is_address && is_textual_prefix(entry.value)) note = kPrefixNote;
    return std::nullopt;
  }

  Complaint take_half(const IcometEntry& entry, const Halves& address) {
    halves_.try_emplace(entry.key, entry);
    const auto ip = halves_.find(std::string(address.ip));
    const auto port = halves_.find(std::string(address.port));
    if (ip == halves_.end() || port == halves_.end()) return std::nullopt;
    const bool is_v6 = ip->second.value.find(':') != std::string::npos;
    const std::string host = is_v6 ? fmt::format("[{}]", ip->second.value) : ip->second.value;
    const IcometEntry whole{std::string(address.whole),
                            fmt::format("{}:{}", host, port->second.value), entry.line};
    halves_.erase(ip);
    halves_.erase(port);
    return take(whole);
  }

  // Who was not named in either list was refused, as here; our defaults would name some.
  void assign_access() {
    if (lists_.contains("admin.allow") || lists_.contains("admin.deny")) {
      set(setting_of("admin.allow"), lists_["admin.allow"]);
      set(setting_of("admin.deny"), lists_["admin.deny"]);
    }
  }

  Config config_;
  std::map<std::string, std::size_t, std::less<>> lines_;  // of a key's first entry
  std::map<std::string_view, std::vector<std::string>> lists_;
  std::map<std::string_view, std::string_view> written_;  // settings; with a note, or an empty one
  std::map<std::string, IcometEntry> halves_;             // of addresses, by key
  std::string left_out_;                                  // comment lines
  bool halve_polling_timeout_ = false;
};

}  // namespace

reactor::Result<std::string> import_icomet(std::string_view text, std::string_view file_name) {
  const auto error_at = [&](std::size_t line, std::string_view complaint) {
    return reactor::Error{fmt::format("{}:{}: {}", file_name, line, complaint)};
  };
  const auto entries = parse_icomet_config(text, file_name);
  if (!entries) return reactor::Error{entries.error()};
  Import import;
  for (const IcometEntry& entry : *entries) {
    if (const auto complaint = import.take(entry)) return error_at(entry.line, *complaint);
  }
  if (const auto complaint = import.finish()) {
    return error_at(import.line_of_addresses(), *complaint);
  }
  return import.toml();
}

}  // namespace comet
