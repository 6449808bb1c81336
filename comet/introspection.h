// What the admin port is asked about the server, and what it answers: /info, /channels, /metrics
// and /health. Pure decisions.
//
// Nothing here changes anything. What one core can't know is asked of all of them (Survey).
#pragma once

#include <variant>
#include <vector>

#include "comet/admin_question.h"
#include "comet/hub_message.h"
#include "comet/name.h"
#include "comet/reply.h"
#include "comet/request_fields.h"
#include "comet/server_facts.h"

namespace comet {

struct CoresQuestion {
  Survey::Question question;
};
using Introspection = std::variant<Reply, CoresQuestion>;

// Is it one of the endpoints that introspect() understands?
bool is_introspective(Endpoint endpoint);

// What is to be asked; or the reply, when nothing needs to be or something is wrong. Of `question`,
// the endpoint is given, and what the answer will need is added.
Introspection introspect(const RequestFields& fields, const NameHash& name_hash,
                         AdminQuestion& question);

// From what every core found, by core.
Reply introspection_reply(const AdminQuestion& question, const ServerFacts& facts,
                          std::vector<Finding>&& findings);

}  // namespace comet
