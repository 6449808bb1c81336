// How far two words are apart, for guessing what somebody meant.
#pragma once

#include <cstddef>
#include <string_view>

namespace comet {

// Edits (insert, delete, replace, swap of neighbours) that lead from `a` to `b`. Takes time and
// room for each pair of letters.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace comet
