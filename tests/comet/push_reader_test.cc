#include "comet/push_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace comet {
namespace {

struct Read {
  std::string cname, content, fault;
  friend bool operator==(const Read&, const Read&) = default;
};
void PrintTo(const Read& read, std::ostream* out) {
  *out << "{" << read.cname << ", " << read.content << ", " << read.fault << "}";
}
struct Outcome {
  std::vector<Read> entries;
  std::string complaint;
};

Outcome read(std::string_view body, PushForm form) {
  PushReader reader(body, form);
  Outcome outcome;
  PushEntry entry;
  for (;;) {
    const PushReader::Step step = reader.next(entry);
    EXPECT_LE(reader.bytes_read(), body.size());
    if (step == PushReader::Step::kEmptyLine) continue;
    if (step == PushReader::Step::kNotJson) outcome.complaint = reader.complaint();
    if (step != PushReader::Step::kEntry) return outcome;
    outcome.entries.push_back(
        {std::string(entry.cname), std::string(entry.content), std::string(entry.fault)});
  }
}

std::optional<PushForm> form_of(std::string_view content_type, std::string_view body,
                                http::Method method = http::Method::kPost) {
  http::Request request;
  request.method = method;
  request.content_type = content_type;
  request.body = body;
  return push_form_of(request);
}

constexpr std::string_view kOne = R"({"cname":"a","content":"1"})";
constexpr std::string_view kTwo = R"({"cname":"b","content":"2"})";
const std::vector<Read> kBoth{{"a", "1", ""}, {"b", "2", ""}};

TEST(PushReaderTest, ArraysAndLinesSayTheSame) {
  const std::string array = "[" + std::string(kOne) + "," + std::string(kTwo) + "]";
  const std::string spaced = "\n [ " + std::string(kOne) + " ,\r\n\t" + std::string(kTwo) + " ]\n ";
  const std::string lines = std::string(kOne) + "\n" + std::string(kTwo);
  for (const std::string& body : {array, spaced}) {
    EXPECT_EQ(read(body, PushForm::kArray).entries, kBoth) << body;
    EXPECT_EQ(read(body, PushForm::kArray).complaint, "") << body;
  }
  for (const std::string& body : {lines, lines + "\n", "\n\r\n" + lines + "\r\n \n"}) {
    EXPECT_EQ(read(body, PushForm::kLines).entries, kBoth) << body;
    EXPECT_EQ(read(body, PushForm::kLines).complaint, "") << body;
  }
}

TEST(PushReaderTest, ThereMayBeNothing) {
  EXPECT_EQ(read("[]", PushForm::kArray).complaint, "");
  EXPECT_EQ(read(" [ ] ", PushForm::kArray).entries.size(), 0u);
  EXPECT_EQ(read("\n\n", PushForm::kLines).complaint, "");
}

TEST(PushReaderTest, WhatIsWrongWithAnEntryIsSaidAndTheOthersAreRead) {
  const std::vector<std::pair<std::string_view, Read>> rows{
      {R"({"content":"x"})", {"", "x", ""}},
      {R"({"cname":null,"content":""})", {"", "", ""}},
      {R"({"cname":7,"content":"x"})", {"7", "x", ""}},
      {R"({"CNAME":"a","Content":"x","content":"y","seq":4,"type":"data"})", {"a", "x", ""}},
      {R"({"content":"\u00e9\n\"","cname":"\ud83d\ude00"})",
       {"\xf0\x9f\x98\x80", "\xc3\xa9\n\"", ""}},
      {R"({"cname":"a"})", {"a", "", "content is missing"}},
      {R"({"cname":"a","content":null})", {"a", "", "content is missing"}},
      {R"({"cname":"a","content":7})", {"a", "", "content must be a string"}},
      {R"({"cname":"a","content":{"b":[1]}})", {"a", "", "content must be a string"}},
      {R"({"cname":1.5,"content":"x"})", {"", "x", "cname must be a string"}},
      {R"({"cname":["a"],"content":"x"})", {"", "x", "cname must be a string"}},
      {R"({})", {"", "", "content is missing"}},
      {R"(7)", {"", "", "the entry is not an object"}},
      {R"("a")", {"", "", "the entry is not an object"}},
      {R"([{"cname":"a","content":"x"}])", {"", "", "the entry is not an object"}},
  };
  std::string array;
  std::string lines;
  std::vector<Read> expected;
  for (const auto& [text, entry] : rows) {
    array.append(array.empty() ? "[" : ",").append(text);
    lines.append(text).append("\n");
    expected.push_back(entry);
  }
  EXPECT_EQ(read(array + "]", PushForm::kArray).entries, expected);
  EXPECT_EQ(read(lines, PushForm::kLines).entries, expected);
}

TEST(PushReaderTest, WhatIsNotJsonIsSaidWithItsPlace) {
  const struct {
    PushForm form;
    std::string body, begins;
  } rows[] = {
      {PushForm::kArray, "[", "entry 1 is not JSON: "},
      {PushForm::kArray, "[{\"cname\":\"a\",\"content\":\"x\"}", "entry 1 is not JSON: "},
      {PushForm::kArray, "[{},{\"a\":}]", "entry 2 is not JSON: "},
      {PushForm::kArray, "[{},{\"a\" 1}]", "entry 2 is not JSON: "},
      {PushForm::kArray, "[{} {}]", "entry 2 is not JSON: "},
      {PushForm::kArray, "[{},]", "entry 2 is not JSON: "},
      {PushForm::kArray, "[{}] {}", "entry "},
      {PushForm::kArray, "[{}] [{}]", "entry 2 is not JSON: "},
      {PushForm::kArray, "[{}]]", "entry 2 is not JSON: "},
      // Skipping elements, simdjson takes a string before a colon for a key.
      {PushForm::kArray, R"(["cname":"a","content":"x"},{}])", "entry 2 is not JSON: "},
      {PushForm::kArray, R"([{},"a":"b"])", "entry 3 is not JSON: "},
      {PushForm::kArray, R"([{},"a":"b",{}])", "entry 3 is not JSON: "},
      {PushForm::kArray, R"([{},"a":{"b":1},"c"])", "entry 3 is not JSON: "},
      {PushForm::kArray, R"([{},,{}])", "entry 2 is not JSON: "},
      {PushForm::kArray, R"([,{}])", "entry 1 is not JSON: "},
      {PushForm::kArray, R"([{}:{}])", "entry 2 is not JSON: "},
      {PushForm::kArray, R"([1:2])", "entry 2 is not JSON: "},
      {PushForm::kArray, R"([{}})", "entry "},
      {PushForm::kArray, R"([},{}])", "entry 1 is not JSON: "},
      {PushForm::kArray, "[{\"a\":\"\xff\"}]", "entry 1 is not JSON: "},
      {PushForm::kArray, "[{},{\"content\":\"\\ud800\"}]", "entry 2 is not JSON: "},
      {PushForm::kLines, "x", "line 1 is not JSON: "},
      {PushForm::kLines, "{}\n\n{\n}", "line 3 is not JSON: "},
      {PushForm::kLines, "{}\n{} {}\n", "line 2 is not JSON: "},
      {PushForm::kLines, "{}\n{\"a\":\"\x01\"}\n", "line 2 is not JSON: "},
      {PushForm::kLines, "{}\n{\"a\":\"\xff\"}\n", "line 2 is not JSON: "},
      {PushForm::kLines, "{},\n{}\n", "line 1 is not JSON: "},
  };
  for (const auto& row : rows) {
    const std::string complaint = read(row.body, row.form).complaint;
    EXPECT_TRUE(complaint.starts_with(row.begins)) << row.body << ": " << complaint;
    EXPECT_EQ(complaint.find('\n'), std::string::npos) << complaint;
    EXPECT_GT(complaint.size(), row.begins.size());
  }
}

// Nothing may be read, or taken for an entry, that a body cut off there does not say.
TEST(PushReaderTest, ABodyThatIsCutOffIsNotJson) {
  const std::string array = R"([{"cname":"a","content":"x"},{"content":"\u00e9","b":[1,{}]}])";
  for (std::size_t size = 0; size < array.size(); ++size) {
    EXPECT_NE(read(array.substr(0, size), PushForm::kArray).complaint, "") << size;
  }
  EXPECT_EQ(read(array, PushForm::kArray).complaint, "");
}

TEST(PushReaderTest, TheTypeAndTheBeginningOfABodySayWhatItIs) {
  const std::string one(kOne);
  const std::string json = "application/json";
  EXPECT_EQ(form_of(json, "[]"), PushForm::kArray);
  EXPECT_EQ(form_of("Application/JSON; charset=utf-8", " \r\n[1"), PushForm::kArray);
  EXPECT_EQ(form_of(json, one), std::nullopt);
  EXPECT_EQ(form_of(json, one + "\n"), std::nullopt);
  EXPECT_EQ(form_of(json, "{\n\"cname\": {}\n,\"b\": {}}\n"), std::nullopt);
  EXPECT_EQ(form_of(json, "{\"cname\": {}\n}"), std::nullopt);
  EXPECT_EQ(form_of(json, one + "\n" + one), PushForm::kLines);
  EXPECT_EQ(form_of(json, "\n" + one + " \r\nx"), PushForm::kLines);
  EXPECT_EQ(form_of(json, "7\n7"), std::nullopt);
  EXPECT_EQ(form_of(json, ""), std::nullopt);
  for (const char* type : {"application/x-ndjson", "application/ndjson", "application/jsonl"}) {
    EXPECT_EQ(form_of(type, one), PushForm::kLines) << type;
  }
  EXPECT_EQ(form_of("application/json-seq", "[]"), std::nullopt);
  EXPECT_EQ(form_of("text/plain", "[]"), std::nullopt);
  EXPECT_EQ(form_of("", "[]"), std::nullopt);
  EXPECT_EQ(form_of(json, "[]", http::Method::kGet), std::nullopt);
}

}  // namespace
}  // namespace comet
