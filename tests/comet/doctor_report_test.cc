#include "comet/doctor_report.h"

#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comet {
namespace {

using reactor::kUnlimited;
using testing::HasSubstr;
using testing::Not;

std::vector<Diagnosis> four_findings() {
  return {
      {"a.limit", Unit::kCount, 7, 5, Verdict::kFine, "Not said.", ""},
      {"memory", Unit::kBytes, std::uint64_t{3} << 29, std::uint64_t{1} << 31, Verdict::kInTheWay,
       "It is needed.", "buy \"more\""},
      {"pages", Unit::kPages, 1, 2, Verdict::kTight, "They fill.", "sysctl -w pages=2"},
      {"CPU", Unit::kCpuMillis, std::nullopt, 1500, Verdict::kUnknown, "It is hidden.", "look"},
  };
}

TEST(DoctorReport, APersonReadsATable) {
  EXPECT_EQ(render_diagnoses(9, four_findings(), Colour::kNever),
            "Can this machine hold 9 subscribers?\n"
            "\n"
            "  fine        a.limit          7  needed 5\n"
            "  in the way  memory     1.5 GiB  needed 2.0 GiB\n"
            "              It is needed.\n"
            "              → buy \"more\"\n"
            "  tight       pages      1 pages  needed 2 pages\n"
            "              They fill.\n"
            "              → sysctl -w pages=2\n"
            "  unknown     CPU      not known  needed 1.50 CPU\n"
            "              It is hidden.\n"
            "\n"
            "No: 1 of these is in the way, 1 is tight.\n");
}

TEST(DoctorReport, AProgramReadsJson) {
  const auto diagnoses = four_findings();
  EXPECT_EQ(render_diagnoses_json(9, std::span(diagnoses).first(2)),
            R"({"subscribers": 9, "verdict": "in the way", "diagnoses": [)"
            R"({"what": "a.limit", "verdict": "fine", "unit": "count", "current": 7, "needed": 5, )"
            R"("why": "Not said.", "remedy": ""}, )"
            R"({"what": "memory", "verdict": "in the way", "unit": "bytes", )"
            R"("current": 1610612736, "needed": 2147483648, "why": "It is needed.", )"
            R"("remedy": "buy \"more\""}]})"
            "\n");
}

TEST(DoctorReport, UnlimitedAndUnknownAreNullInJson) {
  const std::vector<Diagnosis> diagnoses{
      {"a", Unit::kCount, kUnlimited, 5, Verdict::kFine, "A.", ""},
      {"b", Unit::kCount, std::nullopt, 5, Verdict::kUnknown, "B.", ""},
  };
  const std::string json = render_diagnoses_json(5, diagnoses);
  EXPECT_THAT(json, HasSubstr(R"("verdict": "fine", "unit": "count", "current": null)"));
  EXPECT_THAT(json, HasSubstr(R"("verdict": "unknown", "unit": "count", "current": null)"));
  EXPECT_THAT(render_diagnoses(5, diagnoses, Colour::kNever), HasSubstr("unlimited"));
}

TEST(DoctorReport, ColoursAreThereOnlyWhenAskedFor) {
  EXPECT_THAT(render_diagnoses(9, four_findings(), Colour::kOn), HasSubstr("\x1b[31min the way"));
  EXPECT_THAT(render_diagnoses(9, four_findings(), Colour::kNever), Not(HasSubstr("\x1b")));
}

TEST(DoctorReport, TheLastSentenceAnswersTheQuestion) {
  const auto last = [](std::vector<Diagnosis> diagnoses) {
    std::string text = render_diagnoses(1, diagnoses, Colour::kNever);
    text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  };
  const Diagnosis fine{"a", Unit::kCount, 1, 1, Verdict::kFine, "A.", ""};
  const Diagnosis tight{"b", Unit::kCount, 1, 2, Verdict::kTight, "B.", ""};
  const Diagnosis blocking{"c", Unit::kCount, 1, 2, Verdict::kInTheWay, "C.", ""};
  EXPECT_EQ(last({fine}), "Yes.");
  EXPECT_EQ(last({fine, tight}), "Yes, though 1 is tight.");
  EXPECT_EQ(last({tight, tight}), "Yes, though 2 are tight.");
  EXPECT_EQ(last({blocking}), "No: 1 of these is in the way.");
  EXPECT_EQ(last({blocking, blocking, tight}), "No: 2 of these are in the way, 1 is tight.");
}

}  // namespace
}  // namespace comet
