// What perf/instructions.awk says of measured and kept numbers.
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/file_bytes.h"
#include "tests/support/temp_folder.h"

namespace {

namespace fs = std::filesystem;

constexpr int kAsKept = 0;
constexpr int kNotAsKept = 1;
constexpr int kNothingKept = 77;

struct Verdict {
  int status;
  std::string report;
};

class InstructionsTest : public testing::Test {
 protected:
  // The kept numbers of two toolchains, "new" and "old", against what "new" was measured with.
  Verdict compare(std::string_view measured, std::string_view toolchain = "new") {
    std::ofstream(folder_.file("measured")) << measured;
    std::ofstream(folder_.file("table")) << "# Kept.\n\n"
                                            "[old]\n"
                                            "parse                   50.0  a request\n"
                                            "[new]\n"
                                            "parse                 1000.0  a request\n"
                                            "render                  10.0  a message\n";
    const std::string command = "awk -v toolchain='" + std::string(toolchain) + "' -f '" +
                                (fs::path(COMET_SOURCE_DIR) / "perf/instructions.awk").string() +
                                "' '" + folder_.file("measured") + "' '" + folder_.file("table") +
                                "' >'" + folder_.file("report") + "'";
    const int status = std::system(command.c_str());
    EXPECT_TRUE(WIFEXITED(status));
    return {WEXITSTATUS(status), support::file_bytes(folder_.file("report"))};
  }

  support::TempFolder folder_;
};

TEST_F(InstructionsTest, AsManyAsKeptWithinAFewPerCentIsGood) {
  EXPECT_EQ(compare("parse\t1000.0\ta request\nrender\t10.0\ta message\n").status, kAsKept);
  EXPECT_EQ(compare("parse\t1030.0\ta request\nrender\t10.0\ta message\n").status, kAsKept);
  EXPECT_EQ(compare("parse\t970.0\ta request\nrender\t10.0\ta message\n").status, kAsKept);
}

TEST_F(InstructionsTest, MoreIsARegression) {
  const Verdict verdict = compare("parse\t1031.0\ta request\nrender\t10.0\ta message\n");
  EXPECT_EQ(verdict.status, kNotAsKept);
  EXPECT_NE(verdict.report.find("+3.10%  takes more than it did"), std::string::npos)
      << verdict.report;
}

// Or the next regression could eat up what was won.
TEST_F(InstructionsTest, LessMustBeKept) {
  const Verdict verdict = compare("parse\t969.0\ta request\nrender\t10.0\ta message\n");
  EXPECT_EQ(verdict.status, kNotAsKept);
  EXPECT_NE(verdict.report.find("-3.10%  takes less than it did"), std::string::npos)
      << verdict.report;
}

TEST_F(InstructionsTest, TheTableNamesThePathsThatThereAre) {
  EXPECT_EQ(compare("parse\t1000.0\ta request\n").status, kNotAsKept);
  EXPECT_EQ(
      compare("parse\t1000.0\ta request\nrender\t10.0\ta message\nsend\t1.0\ta message\n").status,
      kNotAsKept);
}

TEST_F(InstructionsTest, NumbersOfAnotherToolchainAreNotCompared) {
  EXPECT_EQ(compare("parse\t50.0\ta request\n", "old").status, kAsKept);
  EXPECT_EQ(compare("parse\t50.0\ta request\n", "ol").status, kNothingKept);
}

}  // namespace
