// The part of Worker that takes connections, counts them, and turns away those over a limit.
#include "comet/worker.h"

namespace comet {

std::uint64_t Worker::next_accept_us(std::size_t listener) {
  if (listeners_[listener].port != Port::kFront) return now_.monotonic_us;
  return shared_.accept_rate.next_us(now_.monotonic_us,
                                     snapshot_->config().front.accepts_per_second);
}

// A place at the front port, and one of its address if that is known and has a limit.
Entry Worker::enter(const std::optional<AddressKey>& address) {
  const Config& config = snapshot_->config();
  if (!shared_.front_connections.take(shared_.front_connections_max(config))) {
    return Entry::kServerFull;
  }
  if (address && !shared_.addresses.take(*address, config.front.max_connections_per_address)) {
    shared_.front_connections.give_back();
    return Entry::kAddressFull;
  }
  return Entry::kGranted;
}

// What a client is counted by, if it is. Behind a trusted proxy are many clients.
std::optional<AddressKey> Worker::counted_address(Port port, Standing standing,
                                                  const reactor::IpAddress& address) const {
  const bool limited = snapshot_->config().front.max_connections_per_address > 0;
  if (!limited || port != Port::kFront || standing.trusted) return std::nullopt;
  return address_key(address);
}

void Worker::accepted(std::size_t place, reactor::Fd fd, const reactor::Endpoint& peer) {
  const ListenerTraits& listener = listeners_[place];
  const Admission& admission = snapshot_->admission;
  const bool front = listener.port == Port::kFront;
  if (front) {
    shared_.accept_rate.took(now_.monotonic_us, snapshot_->config().front.accepts_per_second);
  }
  if (listener.proxy && !listener.local && !admission.may_name_clients(peer.address)) {
    hub_.closes().add(CloseReason::kUntrustedProxy);
    return;
  }
  const Standing standing =
      listener.local ? admission.local_standing() : admission.standing(listener.port, peer.address);
  std::optional<AddressKey> address;
  if (!listener.local && !listener.proxy) {
    address = counted_address(listener.port, standing, peer.address);
  }
  const Entry entry = front ? enter(address) : Entry::kGranted;
  if (entry != Entry::kGranted && refusals_ == kRefusalsPerCore) {
    turn_away(std::move(fd), entry);
    return;
  }
  const std::uint32_t index = sessions_.emplace(std::move(fd), listener.port, standing);
  Session& session = sessions_[index];
  session.entry = entry;
  if (listener.proxy) session.phase = Session::Phase::kProxied;
  if (front) ++front_sessions_;
  if (entry != Entry::kGranted) {
    ++refusals_;
  } else if (address) {
    addresses_.emplace(index, *address);
  }
  set_timeout(index, Session::Timeout::kHead);
  const reactor::Token token{index, sessions_.generation(index)};
  if (!loop_.poller().watch_edges(session.connection.fd(), token)) {
    close(index, CloseReason::kNoResources);
  }
}

// A proxy has named the client. False if that one has as many connections as it may have; then it
// was told so.
bool Worker::client_named(std::uint32_t index, const reactor::IpAddress& client) {
  Session& session = sessions_[index];
  session.set_standing(snapshot_->admission.standing(session.port, client));
  if (session.entry != Entry::kGranted) return true;
  const auto address = counted_address(session.port, session.standing(), client);
  if (!address) return true;
  if (shared_.addresses.take(*address, snapshot_->config().front.max_connections_per_address)) {
    addresses_.emplace(index, *address);
    return true;
  }
  count(index, CloseReason::kAddressFull);
  session.phase = Session::Phase::kReading;
  reply(index, refusal_of(Entry::kAddressFull, turned_away_++));
  return false;
}

// The loop's last descriptor is worth an administrator, who may be looking for the reason.
void Worker::accepted_last(std::size_t listener, reactor::Fd fd, const reactor::Endpoint& peer) {
  if (listeners_[listener].port == Port::kAdmin) {
    accepted(listener, std::move(fd), peer);
  } else {
    turn_away(std::move(fd), Entry::kNoDescriptors);
  }
}

// At once and without waiting for a request: in a flood, nothing is kept of those who are too many.
// What has arrived is read, or else closing would be a reset, and what is said would be lost
// (RFC 9112 9.6).
void Worker::turn_away(reactor::Fd fd, Entry entry) {
  hub_.closes().add(reason_of(entry));
  Session session(std::move(fd), Port::kFront, Standing{});
  session.keep_alive = false;
  session.connection.receive({scratch_.get(), kScratchBytes});
  std::string response;
  append_rare(response, session, refusal_of(entry, turned_away_++));
  const reactor::IoResult sent = session.connection.send(response);
  if (sent.status == reactor::IoResult::Status::kOk) bytes_out_ += sent.bytes;
}

// The connection's descriptor is about to be closed.
void Worker::release(std::uint32_t index) {
  const Session& session = sessions_[index];
  if (session.port != Port::kFront) return;
  if (session.entry != Entry::kGranted) {
    --refusals_;
    return;
  }
  shared_.front_connections.give_back();
  if (addresses_.empty()) return;
  const auto found = addresses_.find(index);
  if (found == addresses_.end()) return;
  shared_.addresses.give_back(found->second);
  addresses_.erase(found);
}

}  // namespace comet
