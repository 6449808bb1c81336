#include "http/json_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

namespace http {
namespace {

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  JsonWriter json;
  json.open('{').member("a", 1u).key("b").open('[').value(1.5).value("x\"y").null();
  json.open('[').close(']').open('[').value(2u).value(3u).close(']').close(']');
  json.member("c", std::optional<double>()).member("d", std::optional<double>(0.25)).close('}');
  EXPECT_EQ(json.text(), R"({"a": 1, "b": [1.5, "x\"y", null, [], [2, 3]], "c": null, "d": 0.25})");
}

TEST(JsonWriter, TellsTruthFromText) {
  JsonWriter json;
  json.open('[').value(true).value(false).value("true").close(']');
  EXPECT_EQ(json.text(), "[true, false, \"true\"]");
}

TEST(JsonWriter, HasNoWordForWhatIsNotFinite) {
  JsonWriter json;
  json.open('[').value(std::numeric_limits<double>::infinity());
  json.value(std::numeric_limits<double>::quiet_NaN()).close(']');
  EXPECT_EQ(json.text(), "[null, null]");
}

}  // namespace
}  // namespace http
