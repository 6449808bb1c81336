#include "reactor/connection.h"

#include <utility>

namespace reactor {

using Status = IoResult::Status;

Status Connection::write(std::string_view bytes) {
  if (unsent_ != nullptr) {
    // What has left is given back, also when the rest never runs dry.
    if (unsent_->sent > unsent_->bytes.size() / 2) {
      unsent_->bytes.erase(0, std::exchange(unsent_->sent, 0));
    }
    unsent_->bytes.append(bytes);
    return Status::kOk;
  }
  while (!bytes.empty()) {
    const IoResult result = send(bytes);
    if (result.status == Status::kWouldBlock) {
      unsent_ = std::make_unique<Unsent>(Unsent{std::string(bytes), 0});
      break;
    }
    if (result.status != Status::kOk) return result.status;
    bytes.remove_prefix(result.bytes);
  }
  return Status::kOk;
}

Status Connection::flush() {
  while (unsent_ != nullptr) {
    const std::string_view rest = std::string_view(unsent_->bytes).substr(unsent_->sent);
    if (rest.empty()) {
      unsent_.reset();
      break;
    }
    const IoResult result = send(rest);
    if (result.status == Status::kWouldBlock) break;
    if (result.status != Status::kOk) return result.status;
    unsent_->sent += result.bytes;
  }
  return Status::kOk;
}

}  // namespace reactor
