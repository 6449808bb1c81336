// The manual page comet-server(8): what the tables of settings and options say, and a few sentences
// beside them.
//
// A pure function.
#pragma once

#include <string>

namespace comet {

std::string render_manual_page();

}  // namespace comet
