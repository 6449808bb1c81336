// The channels that a request names: `cname`, `seq` and `token` repeated, in step.
//
// Pure; one core's Front asks it. The n-th cname goes with the n-th seq and the n-th token; where
// there is none, its channel is wanted from now on, without a token.
#pragma once

#include <cstddef>
#include <optional>

#include "comet/name.h"
#include "comet/reply.h"
#include "comet/request_fields.h"
#include "comet/subscribe_request.h"

namespace comet {

// Reads the channels behind the first, if there are any, into `request.more`. What is wrong with
// them is the reply to send: too many, or a field that says nothing. One that stands there before
// is skipped, and so is an empty one.
std::optional<Reply> read_more_channels(const RequestFields& fields, const NameHash& name_hash,
                                        std::size_t channels_max, SubscribeRequest& request);

// A Last-Event-ID of several channels takes the place of their seq: the last number that the client
// has of each, in the order of the request, separated by commas. Anything else is the reply to
// send.
std::optional<Reply> go_on_behind(std::string_view last_event_id, SubscribeRequest& request);

}  // namespace comet
