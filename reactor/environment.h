// The process's environment (environ(7)).
#pragma once

#include <string>
#include <vector>

namespace reactor {

// A copy, "NAME=VALUE" each. Before any thread might change it; nothing of ours does.
std::vector<std::string> environment();

}  // namespace reactor
