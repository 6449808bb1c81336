// What the instructions of a program depend on besides its code.
#pragma once

#include <string>

namespace perf {

struct Toolchain {
  std::string name;     // as the table's section is called
  std::string why_not;  // this build has no numbers worth comparing; "" where it has
};
Toolchain toolchain();

}  // namespace perf
