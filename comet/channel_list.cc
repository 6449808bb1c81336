#include "comet/channel_list.h"

#include <algorithm>
#include <limits>
#include <string>

namespace comet {
namespace {

bool names(const SubscribeRequest& request, const ChannelName& name) {
  return request.name == name ||
         std::any_of(request.more.begin(), request.more.end(),
                     [&](const Subscription& other) { return other.name == name; });
}

std::string_view at(const RequestFields& fields, Field field, std::size_t place) {
  const auto more = fields.repeated(field);
  return place < more.size() ? std::string_view(more[place]) : std::string_view();
}

}  // namespace

std::optional<Reply> read_more_channels(const RequestFields& fields, const NameHash& name_hash,
                                        std::size_t channels_max, SubscribeRequest& request) {
  const auto cnames = fields.repeated(Field::kCname);
  const auto named = std::ranges::count_if(cnames, [](const auto& name) { return !name.empty(); });
  if (static_cast<std::size_t>(named) >= channels_max) {
    return Reply::error(400, "more than " + std::to_string(channels_max) +
                                 " channels (front.max_channels_per_connection)");
  }
  for (std::size_t i = 0; i < cnames.size(); ++i) {
    if (cnames[i].empty()) continue;  // a form's empty field names none
    if (std::optional<Reply> wrong = check_cname(cnames[i])) return wrong;
    Subscription subscription;
    subscription.name = name_hash.named(cnames[i]);
    // Deployed clients may have one in both their address and their data: the first counts.
    if (names(request, subscription.name)) continue;
    const std::string_view seq = at(fields, Field::kSeq, i);
    const std::optional<std::int64_t> wanted = seq.empty() ? 0 : whole_number(seq);
    if (!wanted) return Reply::error(400, "seq is not a number");
    subscription.wanted = *wanted;
    if (const std::optional<Token> token = Token::parse(at(fields, Field::kToken, i))) {
      subscription.token = *token;
      subscription.has_token = true;
    }
    request.more.push_back(std::move(subscription));
  }
  return std::nullopt;
}

std::optional<Reply> go_on_behind(std::string_view last_event_id, SubscribeRequest& request) {
  const std::size_t channels = 1 + request.more.size();
  std::string_view rest = last_event_id;
  for (std::size_t i = 0; i < channels; ++i) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::optional<std::int64_t> seen = whole_number(rest.substr(0, end));
    // -1 stands for a channel that the client had heard nothing of: as without a seq.
    const bool is_last = end == rest.size();
    if (!seen || *seen < -1 || is_last != (i + 1 == channels)) {
      return Reply::error(400, "Last-Event-ID is not a number for each channel");
    }
    Subscription& subscription = i == 0 ? request : request.more[i - 1];
    const bool is_largest = *seen == std::numeric_limits<std::int64_t>::max();
    subscription.wanted = *seen + (is_largest ? 0 : 1);
    rest.remove_prefix(is_last ? end : end + 1);
  }
  return std::nullopt;
}

}  // namespace comet
