#include "reactor/proxy_header.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace reactor {
namespace {

using namespace std::literals;
using State = ProxyHeader::State;

constexpr std::string_view kRest = "GET /poll HTTP/1.1\r\n";

// Parses the header with something behind it, and every beginning of it.
ProxyHeader parse_whole(const std::string& header) {
  for (std::size_t size = 0; size < header.size(); ++size) {
    EXPECT_EQ(ProxyHeader::parse(std::string_view(header).substr(0, size)).state, State::kNeedMore)
        << size << " bytes of " << header;
  }
  const ProxyHeader alone = ProxyHeader::parse(header);
  const ProxyHeader parsed = ProxyHeader::parse(header + std::string(kRest));
  EXPECT_EQ(parsed.state, State::kComplete) << header;
  EXPECT_EQ(parsed.size, header.size()) << header;
  EXPECT_EQ(alone.state, parsed.state) << header;
  EXPECT_EQ(alone.client, parsed.client) << header;
  return parsed;
}

std::string client_in(const std::string& header) {
  const ProxyHeader parsed = parse_whole(header);
  return parsed.client ? parsed.client->to_string() : "none";
}

// Refused whole, and never taken for complete before.
void expect_malformed(std::string_view header) {
  EXPECT_EQ(ProxyHeader::parse(header).state, State::kMalformed) << header;
  for (std::size_t size = 0; size < header.size(); ++size) {
    EXPECT_NE(ProxyHeader::parse(header.substr(0, size)).state, State::kComplete) << header;
  }
}

// --- Version 1

TEST(ProxyHeaderText, TellsTheClientOfBothFamilies) {
  EXPECT_EQ(client_in("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n"), "192.168.0.1:56324");
  EXPECT_EQ(client_in("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
            "255.255.255.255:65535");
  EXPECT_EQ(client_in("PROXY TCP4 1.2.3.4 5.6.7.8 0 0\r\n"), "1.2.3.4:0");
  EXPECT_EQ(client_in("PROXY TCP6 2001:db8::1 ::1 4000 80\r\n"), "[2001:db8::1]:4000");
  EXPECT_EQ(client_in("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe 65535 65535\r\n"),
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
  // So that one access rule covers both spellings.
  EXPECT_EQ(client_in("PROXY TCP6 ::ffff:10.1.2.3 ::1 4000 80\r\n"), "10.1.2.3:4000");
}

TEST(ProxyHeaderText, WhoIsUnknownIsNobody) {
  EXPECT_EQ(client_in("PROXY UNKNOWN\r\n"), "none");
  EXPECT_EQ(client_in("PROXY UNKNOWN ffff::1 whatever 65535\r\n"), "none");
  EXPECT_EQ(client_in("PROXY UNKNOWN \r\n"), "none");
}

TEST(ProxyHeaderText, ALineHas107BytesAtMost) {
  const std::string start = "PROXY UNKNOWN ";
  const std::string longest = start + std::string(107 - start.size() - 2, 'x') + "\r\n";
  ASSERT_EQ(longest.size(), 107u);
  EXPECT_EQ(client_in(longest), "none");
  expect_malformed(start + std::string(107 - start.size() - 1, 'x') + "\r\n");
  expect_malformed(start + std::string(107 - start.size(), 'x'));
  EXPECT_EQ(ProxyHeader::parse(start + std::string(106 - start.size(), 'x')).state,
            State::kNeedMore);
}

TEST(ProxyHeaderText, WhatIsNotExactlyAsWrittenIsMalformed) {
  for (const std::string_view line : {
           "PROXY\r\n"sv,
           "PROXY \r\n"sv,
           "PROXY\tTCP4 1.2.3.4 5.6.7.8 1 2\r\n"sv,
           "proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n"sv,
           "PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n"sv,
           "PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 1 \r\n"sv,
           "PROXY TCP4 1.2.3.4\r\n"sv,
           "PROXY TCP4\r\n"sv,
           "PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n"sv,
           "PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n"sv,
           "PROXY UNKNOWNS\r\n"sv,
           "PROXY unknown\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 1\r2\r\n"sv,
           "PROXY UNKNOWN\n"sv,
           "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n"sv,
           "PROXY TCP4 1.2.3.04 5.6.7.8 1 2\r\n"sv,
           "PROXY TCP4 1.2.3.256 5.6.7.8 1 2\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7 1 2\r\n"sv,
           "PROXY TCP4 ::1 ::1 1 2\r\n"sv,
           "PROXY TCP4 ::ffff:1.2.3.4 5.6.7.8 1 2\r\n"sv,
           "PROXY TCP6 1.2.3.4 ::1 1 2\r\n"sv,
           "PROXY TCP6 ::1 1.2.3.4 1 2\r\n"sv,
           "PROXY TCP6 :::1 ::1 1 2\r\n"sv,
           "PROXY TCP6 ::1%lo ::1 1 2\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 1 00\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 0x1 2\r\n"sv,
           "PROXY TCP4 1.2.3.4 5.6.7.8 a 2\r\n"sv,
           "PROXY TCP4 1.2.3.4\0 5.6.7.8 1 2\r\n"sv,
       }) {
    expect_malformed(line);
  }
}

TEST(ProxyHeader, WhatDoesNotBeginLikeOneIsMalformedAtItsFirstWrongByte) {
  for (const std::string_view text :
       {"G"sv, "POST"sv, "PROXX"sv, "PROXY\r"sv, "\r\n\r\nX"sv, "\r\n\r\n\0\r\nQUIT\r"sv, "\0"sv,
        "\x16\x03\x01"sv, " PROXY TCP4"sv}) {
    EXPECT_EQ(ProxyHeader::parse(text).state, State::kMalformed) << text;
  }
  EXPECT_EQ(ProxyHeader::parse("").state, State::kNeedMore);
  EXPECT_EQ(ProxyHeader::parse("P").state, State::kNeedMore);
  EXPECT_EQ(ProxyHeader::parse("\r").state, State::kNeedMore);
}

// --- Version 2

std::string binary(unsigned version_and_command, unsigned family, std::string_view block) {
  std::string header{"\r\n\r\n\0\r\nQUIT\n", 12};
  header.push_back(static_cast<char>(version_and_command));
  header.push_back(static_cast<char>(family));
  header.push_back(static_cast<char>(block.size() >> 8));
  header.push_back(static_cast<char>(block.size()));
  return header.append(block);
}

constexpr std::string_view kBlock4{"\x7f\0\0\x02\x0a\x01\x02\x03\x30\x39\x01\xbb", 12};

std::string block6() {
  std::string block{"\x20\x01\x0d\xb8", 4};
  block.append(11, '\0').append(1, '\x05');
  block.append(15, '\0').append(1, '\x01');
  return block.append("\xff\xff\0\x50", 4);
}

TEST(ProxyHeaderBinary, GoldenBytes) {
  const std::string header{
      "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a"
      "\x21\x11\x00\x0c"
      "\xc0\x00\x02\x07\x0a\x00\x00\x01\x9c\x40\x1f\xa4",
      28};
  EXPECT_EQ(client_in(header), "192.0.2.7:40000");
}

TEST(ProxyHeaderBinary, TellsTheClientOfBothFamilies) {
  EXPECT_EQ(client_in(binary(0x21, 0x11, kBlock4)), "127.0.0.2:12345");
  EXPECT_EQ(client_in(binary(0x21, 0x21, block6())), "[2001:db8::5]:65535");
  std::string mapped(10, '\0');
  mapped.append("\xff\xff\x0a\x01\x02\x03", 6).append(16, '\0').append("\0\x01\0\x02", 4);
  EXPECT_EQ(client_in(binary(0x21, 0x21, mapped)), "10.1.2.3:1");
}

TEST(ProxyHeaderBinary, AProxyThatSpeaksForItselfIsNobodysWhateverItSays) {
  EXPECT_EQ(client_in(binary(0x20, 0x00, "")), "none");
  EXPECT_EQ(client_in(binary(0x20, 0x11, kBlock4)), "none");
  EXPECT_EQ(client_in(binary(0x20, 0xff, "xy")), "none");
}

TEST(ProxyHeaderBinary, OtherMeansThanTcpAreNobody) {
  for (const unsigned family : {0x00, 0x01, 0x02, 0x10, 0x12, 0x20, 0x22}) {
    EXPECT_EQ(client_in(binary(0x21, family, block6())), "none") << family;
  }
  for (const unsigned family : {0x30, 0x31, 0x32}) {
    EXPECT_EQ(client_in(binary(0x21, family, std::string(216, 'x'))), "none") << family;
  }
}

TEST(ProxyHeaderBinary, WhatStandsBehindTheAddressesIsSkipped) {
  const std::string_view alpn{"\x01\x00\x02h2", 5};
  EXPECT_EQ(client_in(binary(0x21, 0x11, std::string(kBlock4).append(alpn))), "127.0.0.2:12345");
  EXPECT_EQ(client_in(binary(0x21, 0x11, std::string(kBlock4).append("\x20\xff"))),
            "127.0.0.2:12345");
}

TEST(ProxyHeaderBinary, TheWholeHas4096BytesAtMost) {
  const std::size_t longest = ProxyHeader::kBytesMax - 16;
  for (const std::size_t size : {longest - 1, longest}) {
    EXPECT_EQ(client_in(binary(0x20, 0x00, std::string(size, 'x'))), "none") << size;
  }
  expect_malformed(binary(0x20, 0x00, std::string(longest + 1, 'x')).substr(0, 16));
  expect_malformed(binary(0x21, 0x11, std::string(65535, 'x')).substr(0, 16));
}

TEST(ProxyHeaderBinary, WhatTheSpecificationDoesNotAssignIsMalformed) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (byte != 0x20 && byte != 0x21) expect_malformed(binary(byte, 0x11, kBlock4));
  }
  for (unsigned family = 0; family < 256; ++family) {
    const bool assigned = (family >> 4) <= 3 && (family & 0xf) <= 2;
    if (!assigned) expect_malformed(binary(0x21, family, std::string(216, 'x')));
  }
}

TEST(ProxyHeaderBinary, AddressesThatAreTooShortAreMalformed) {
  expect_malformed(binary(0x21, 0x11, std::string(11, 'x')));
  expect_malformed(binary(0x21, 0x21, std::string(35, 'x')));
  expect_malformed(binary(0x21, 0x31, std::string(215, 'x')));
  EXPECT_EQ(parse_whole(binary(0x21, 0x11, std::string(12, 'x'))).state, State::kComplete);
  EXPECT_EQ(parse_whole(binary(0x21, 0x21, std::string(36, 'x'))).state, State::kComplete);
  EXPECT_EQ(parse_whole(binary(0x21, 0x31, std::string(216, 'x'))).state, State::kComplete);
}

}  // namespace
}  // namespace reactor
