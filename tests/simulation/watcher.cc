#include "tests/simulation/watcher.h"

#include "tests/simulation/names.h"
#include "tests/simulation/violation.h"

namespace simulation {

using support::Event;

std::vector<Event> Watcher::read(const support::MemorySession& session, const Model& model) {
  std::vector<Event> lines;
  reader_.read(std::string_view(session.received).substr(read_), lines);
  read_ = session.received.size();
  INVARIANT(reader_.error().empty(), "watcher {}: {} at \"{}\"", number_, reader_.error(),
            reader_.tail());
  if (!begun_ && !reader_.head().empty()) {
    begun_ = true;
    for (const std::string& name : kNames) {
      appeared_before_[name] = model.appeared(name);
      vanished_before_[name] = model.vanished(name);
    }
  }
  for (const Event& line : lines) {
    const std::string_view text = line.content;
    if (read_change(text)) continue;
    INVARIANT(text.starts_with("0 ") || text.starts_with("1 "), "watcher {} got the line \"{}\"",
              number_, text);
    Heard& heard = heard_[std::string(text.substr(2))];
    INVARIANT(text[0] == '1' || heard.last != '0', "watcher {} heard twice that \"{}\" is gone",
              number_, text.substr(2));
    if (text[0] == '0') ++heard.gone;
    heard.last = text[0];
  }
  return lines;
}

// "join 3 name" and "leave 2 name".
bool Watcher::read_change(std::string_view line) {
  const std::string_view word = line.substr(0, line.find(' '));
  if (word != "join" && word != "leave") return false;
  INVARIANT(events_ == comet::PresenceEvents::kSubscribers, "watcher {} did not ask for \"{}\"",
            number_, line);
  const std::string_view rest = line.substr(word.size() + 1);
  const std::size_t space = rest.find(' ');
  Heard& heard = heard_[std::string(rest.substr(space + 1))];
  INVARIANT(heard.last != '0', "watcher {} was told \"{}\" of a channel that is gone", number_,
            line);
  heard.subscribers = std::stoull(std::string(rest.substr(0, space)));
  return true;
}

void Watcher::check_count(const support::MemorySession& session, const std::string& raw_name,
                          std::uint64_t subscribers) const {
  if (!session.listening || session.gone || left) return;
  const auto found = heard_.find(raw_name);
  if (found == heard_.end() || !found->second.subscribers) return;
  INVARIANT(*found->second.subscribers == subscribers,
            "watcher {} heard last of {} subscribers of {}, and there are {}", number_,
            *found->second.subscribers, raw_name, subscribers);
}

void Watcher::check_complete(const support::MemorySession& session, const Model& model) const {
  if (!session.listening || session.gone || left) return;
  INVARIANT(begun_, "watcher {} still waits for its response", number_);
  INVARIANT(reader_.tail().empty(), "watcher {} stopped within \"{}\"", number_, reader_.tail());
  for (const std::string& name : kNames) {
    const auto found = heard_.find(raw_name(name));
    const Heard heard = found == heard_.end() ? Heard{} : found->second;
    const std::uint64_t came = model.appeared(name) - appeared_before_.at(name);
    const std::uint64_t went = model.vanished(name) - vanished_before_.at(name);
    INVARIANT(heard.gone >= went, "watcher {} heard {} times that {} is gone, and it was {} times",
              number_, heard.gone, name, went);
    if (came == 0 && went == 0) continue;
    const bool lives = model.appeared(name) > model.vanished(name);
    INVARIANT(heard.last == (lives ? '1' : '0'), "watcher {} does not know that {} is {}", number_,
              name, lives ? "there" : "gone");
  }
}

}  // namespace simulation
