#include "comet/introspection.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "comet/health.h"
#include "comet/info_page.h"
#include "comet/metrics.h"

namespace comet {
namespace {

Reply page(std::string_view content_type, std::string body) {
  Reply reply;
  reply.content_type = content_type;
  reply.body = std::move(body);
  return reply;
}

Introspection about_channel(const RequestFields& fields, const NameHash& name_hash,
                            AdminQuestion& question) {
  if (std::optional<Reply> wrong = fields.check_cname()) return std::move(*wrong);
  question.cname.assign(fields.value(Field::kCname));
  return CoresQuestion{Survey::AboutChannel{name_hash.named(question.cname)}};
}

std::optional<ChannelOrder> order_of(std::string_view name) {
  if (name.empty() || name == "name") return ChannelOrder::kName;
  if (name == "subscribers") return ChannelOrder::kSubscribers;
  return std::nullopt;
}

// Either `limit` of the fields, or what is wrong with it.
std::variant<std::size_t, Reply> page_limit(const RequestFields& fields, std::size_t absent,
                                            std::size_t longest) {
  const auto limit = fields.number(Field::kLimit, static_cast<std::int64_t>(absent));
  if (!limit) return Reply::error(400, "limit is not a number");
  if (*limit < 1 || *limit > static_cast<std::int64_t>(longest)) {
    return Reply::error(400, fmt::format("limit is not from 1 to {}", longest));
  }
  return static_cast<std::size_t>(*limit);
}

Introspection about_subscribers(const RequestFields& fields, const NameHash& name_hash,
                                AdminQuestion& question) {
  if (std::optional<Reply> wrong = fields.check_cname()) return std::move(*wrong);
  question.cname.assign(fields.value(Field::kCname));
  SubscriberQuery query;
  query.name = name_hash.named(question.cname);
  auto limit = page_limit(fields, SubscriberQuery::kLimitDefault, SubscriberQuery::kLimitMax);
  if (Reply* wrong = std::get_if<Reply>(&limit)) return std::move(*wrong);
  question.limit = query.limit = std::get<std::size_t>(limit);
  if (const std::string_view after = fields.value(Field::kAfter); !after.empty()) {
    const std::optional<SubscriberPlace> place = SubscriberPlace::parse(after);
    if (!place) return Reply::error(400, "after is not what the next of a page said");
    query.after = *place;
  }
  return CoresQuestion{Survey::AboutSubscribers{std::move(query)}};
}

Introspection about_channels(const RequestFields& fields, AdminQuestion& question) {
  ListingQuery query;
  query.prefix.assign(fields.value(Field::kPrefix));

  const std::optional<ChannelOrder> order = order_of(fields.value(Field::kSort));
  if (!order) return Reply::error(400, "sort is neither name nor subscribers");
  query.order = *order;

  auto limit = page_limit(fields, ListingQuery::kLimitDefault, ListingQuery::kLimitMax);
  if (Reply* wrong = std::get_if<Reply>(&limit)) return std::move(*wrong);
  query.limit = std::get<std::size_t>(limit);

  if (const std::string_view after = fields.value(Field::kAfter); !after.empty()) {
    query.after = ChannelPlace::parse(query.order, after);
    if (!query.after) return Reply::error(400, "after is not what the next of a page said");
  }
  question.order = query.order;
  question.limit = query.limit;
  return CoresQuestion{Survey::AboutChannels{std::move(query)}};
}

// What every core found, by core.
template <class Report>
std::vector<Report> reports_of(std::vector<Finding>&& findings) {
  std::vector<Report> reports;
  for (Finding& finding : findings) {
    reports.push_back(std::move(*std::get<std::unique_ptr<Report>>(finding)));
  }
  return reports;
}

}  // namespace

bool is_introspective(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kInfo:
    case Endpoint::kChannels:
    case Endpoint::kPresence:
    case Endpoint::kMetrics:
    case Endpoint::kLive:
    case Endpoint::kReady:
      return true;
    default:
      return false;
  }
}

Introspection introspect(const RequestFields& fields, const NameHash& name_hash,
                         AdminQuestion& question) {
  switch (question.endpoint) {
    case Endpoint::kLive:
      return page(kTextPlain, "live\n");  // who reads this, turns
    case Endpoint::kChannels:
      return about_channels(fields, question);
    case Endpoint::kPresence:
      return about_subscribers(fields, name_hash, question);
    case Endpoint::kInfo:
      if (!fields.value(Field::kCname).empty()) return about_channel(fields, name_hash, question);
      break;
    default:
      break;
  }
  return CoresQuestion{Survey::AboutCore{}};
}

Reply introspection_reply(const AdminQuestion& question, const ServerFacts& facts,
                          std::vector<Finding>&& findings) {
  switch (question.endpoint) {
    case Endpoint::kChannels: {
      const ChannelPage merged =
          merge_pages(reports_of<ChannelPage>(std::move(findings)), question.order, question.limit);
      return page(kJson, render_channel_page(merged, question.order));
    }
    case Endpoint::kPresence:
      return page(kJson, render_subscriber_page(question.cname, facts.now_unix_s,
                                                reports_of<SubscriberPage>(std::move(findings)),
                                                question.limit));
    case Endpoint::kMetrics:
      return page(kMetricsContentType,
                  render_metrics(facts, reports_of<CoreReport>(std::move(findings))));
    case Endpoint::kReady:
      return health_reply(facts, reports_of<CoreReport>(std::move(findings)));
    default:
      break;
  }
  if (!question.cname.empty()) {
    return page(kJson, render_channel_info(question.cname, facts.now_unix_s,
                                           reports_of<ChannelReport>(std::move(findings))));
  }
  return page(kJson, render_info(facts, reports_of<CoreReport>(std::move(findings))));
}

}  // namespace comet
