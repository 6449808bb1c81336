// Entries of the allow and deny lists, one a line: those behind "-" are denied.
#include <string>
#include <vector>

#include "comet/access.h"
#include "tests/fuzz/target.h"

namespace {

reactor::IpAddress address(std::string_view text) { return *reactor::IpAddress::parse(text); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  std::vector<std::string> allow;
  std::vector<std::string> deny;
  while (!text.empty()) {
    std::string_view line = fuzz::take_line(text);
    if (line.starts_with('-')) {
      deny.emplace_back(line.substr(1));
    } else {
      allow.emplace_back(line);
    }
  }
  const auto list = comet::AccessList::make(allow, deny);
  if (!list) {
    CHECK(!list.error().empty());
    return 0;
  }
  // One rule for both spellings of an IPv4 address (RFC 4291 2.5.5.2).
  CHECK(list->permits(address("10.1.2.3")) == list->permits(address("::ffff:10.1.2.3")));
  (void)list->permits(address("fd00::1"));
  const bool names_all = [&] {
    for (const std::string& entry : deny) {
      if (entry == "all" || entry == "*") return true;
    }
    return false;
  }();
  if (allow.empty() && names_all) CHECK(!list->permits(address("192.0.2.1")));
  if (allow.empty() && deny.empty()) CHECK(list->permits(address("192.0.2.1")));
  return 0;
}
