// What `--doctor` prints: its diagnoses for a person, or for a program.
//
// Functions of their arguments.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "comet/doctor.h"

namespace comet {

enum class Colour : std::uint8_t { kNever, kOn };

// A line for each diagnosis, two more for what is not fine, and a sentence that sums up.
std::string render_diagnoses(std::uint64_t subscribers, std::span<const Diagnosis> diagnoses,
                             Colour colour);

// One JSON object and a newline. A current value that is unlimited or not known is null; the
// verdict tells which.
std::string render_diagnoses_json(std::uint64_t subscribers, std::span<const Diagnosis> diagnoses);

}  // namespace comet
