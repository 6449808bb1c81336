// What a request on the admin port means, and how its answer reads: pure decisions.
//
// One per core. API.md section 5. What must be remembered between the request and the answer of a
// hub is an AdminQuestion.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "comet/admin_question.h"
#include "comet/audiences.h"
#include "comet/config.h"
#include "comet/hub_message.h"
#include "comet/introspection.h"
#include "comet/name.h"
#include "comet/push_batch.h"
#include "comet/reply.h"
#include "comet/request_fields.h"
#include "comet/routes.h"
#include "comet/text_memory.h"
#include "http/request.h"
#include "reactor/clock.h"

namespace comet {

struct BroadcastOrder {
  MessageRef message;
};
struct ConfigQuestion {};
struct WatchPresence {
  PresenceEvents events;
};

// A Command's session is filled in by the caller.
using AdminAction = std::variant<Reply, Command, BroadcastOrder, CoresQuestion, ConfigQuestion,
                                 WatchPresence, SubscribeRequest, std::unique_ptr<PushBatch>>;

class Admin {
 public:
  Admin(const Config& config, const NameHash& name_hash)
      : config_(&config), name_hash_(name_hash) {}

  // From now on; the former one may go.
  void reconfigure(const Config& config) { config_ = &config; }

  // Messages carry the time of the turn that they were received in.
  void begin_turn(const reactor::Now& now) {
    now_us_ = now.monotonic_us;
    make_empty(scratch_);
  }
  AdminAction handle(const http::Request& request, AdminQuestion& question);
  // HOT for kPush.
  [[nodiscard]] Reply reply(const AdminQuestion& question, const Answer& answer) const;
  // To a batch that is answered.
  [[nodiscard]] static Reply reply(const AdminQuestion& question, const PushBatch& push);

 private:
  [[nodiscard]] AdminAction watch_presence() const;
  AdminAction tail(const http::Request& request);
  AdminAction push(const http::Request& request, PushForm form, AdminQuestion& question);
  AdminAction on_channel(Endpoint endpoint, AdminQuestion& question);
  // The content, escaped into scratch_; or the reply that says what is wrong with it.
  std::optional<Reply> escape_content(Endpoint endpoint);

  const Config* config_;
  const NameHash& name_hash_;
  RequestFields fields_;
  std::string scratch_;
  std::uint64_t now_us_ = 0;
};

}  // namespace comet
