#include "comet/doctor_command.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "comet/doctor.h"
#include "comet/doctor_report.h"
#include "reactor/cpu.h"
#include "reactor/host_facts.h"
#include "reactor/terminal.h"

namespace comet {
namespace {

// no-color.org: a value that is not empty means no.
Colour colour_of_stdout() {
  const char* no_color = std::getenv("NO_COLOR");
  const bool unwanted = no_color != nullptr && *no_color != '\0';
  return !unwanted && reactor::is_terminal(stdout) ? Colour::kOn : Colour::kNever;
}

}  // namespace

DoctorAnswer consult(const DoctorRequest& request, const Config& config) {
  const Load load = load_of(request.subscribers, config, reactor::allowed_cpus().size());
  const std::vector<Diagnosis> diagnoses = examine(load, reactor::read_host_facts());
  DoctorAnswer answer;
  answer.can_hold = worst(diagnoses) != Verdict::kInTheWay;
  answer.text = request.format == DoctorRequest::Format::kJson
                    ? render_diagnoses_json(request.subscribers, diagnoses)
                    : render_diagnoses(request.subscribers, diagnoses, colour_of_stdout());
  return answer;
}

}  // namespace comet
