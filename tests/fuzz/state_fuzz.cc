// The bytes of a state file. The first byte chooses whether they are a file as it stands, or (odd)
// the items of one, put into blocks whose checksums are right: or nothing behind a checksum would
// ever be seen. What is read must be written and read again as the same.
#include <algorithm>
#include <string>
#include <vector>

#include "comet/state_decoder.h"
#include "comet/state_encoder.h"
#include "tests/fuzz/target.h"

namespace {

using comet::BlockKind;
using comet::ChannelRecord;
using comet::StateDecoder;
using comet::StateHeader;

struct Read {
  StateDecoder::Complaint complaint;
  StateHeader header;
  std::vector<ChannelRecord> channels;
};

Read read(std::string_view file, std::size_t step) {
  Read result;
  StateDecoder decoder(
      [&](const StateHeader& header) {
        result.header = header;
        return StateDecoder::Complaint();
      },
      [&](ChannelRecord&& channel) { result.channels.push_back(std::move(channel)); });
  while (!file.empty() && !result.complaint) {
    const std::string_view piece = file.substr(0, step);
    result.complaint = decoder.feed(piece);
    file.remove_prefix(piece.size());
  }
  if (!result.complaint) result.complaint = decoder.finish();
  return result;
}

std::string written(const Read& state) {
  std::string file;
  comet::StateEncoder encoder(state.header, [&](std::string_view bytes) { file.append(bytes); });
  for (const ChannelRecord& channel : state.channels) encoder.add(channel);
  encoder.finish();
  return file;
}

void append_block(std::string& file, std::uint64_t place, BlockKind kind,
                  std::string_view payload) {
  file.push_back(static_cast<char>(kind));
  comet::append_le(file, static_cast<std::uint32_t>(payload.size()));
  comet::append_le(file, comet::block_crc(place, kind, payload));
  file.append(payload);
}

// The least that begins another channel, so that the one before is handed out.
std::string next_channel() {
  std::string item = "C\x01x";
  item.append(16, '\0');
  comet::append_le(item, std::uint64_t{1});
  comet::append_le(item, std::int64_t{0});
  item.push_back('\0');
  return item;
}

// A file of these items, whose footer says what they are.
std::string sealed(std::string_view items) {
  std::string file = written({});
  const std::size_t header_end = comet::kStateMagic.size() + sizeof(std::uint32_t) +
                                 comet::kBlockHeadBytes + comet::kHeaderBytes;
  file.resize(header_end);
  std::string counting = file;
  append_block(counting, 1, BlockKind::kItems, std::string(items) + next_channel());
  const Read counted = read(counting, counting.size());
  std::uint64_t messages = 0;
  for (const ChannelRecord& channel : counted.channels) messages += channel.messages();
  std::string footer;
  comet::append_le(footer, std::uint64_t{counted.channels.size()});
  comet::append_le(footer, messages);
  append_block(file, 1, BlockKind::kItems, items);
  append_block(file, 2, BlockKind::kFooter, footer);
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  const std::string file = data[0] % 2 == 0 ? std::string(bytes) : sealed(bytes);
  const Read whole = read(file, std::max<std::size_t>(file.size(), 1));
  const Read cut = read(file, 1 + data[0] / 2 % 16);
  CHECK(whole.complaint == cut.complaint);
  CHECK(whole.channels.size() == cut.channels.size());
  if (whole.complaint) {
    fuzz::check_is_one_line(*whole.complaint);
    return 0;
  }
  const std::string again = written(whole);
  const Read second = read(again, again.size());
  CHECK(!second.complaint && second.header == whole.header);
  CHECK(written(second) == again);
  return 0;
}
