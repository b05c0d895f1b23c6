#include "json_reader.hpp"

#include "mplane/model/error.hpp"

#include <optional>
#include <string>
#include <utility>

namespace mplane::detail {
namespace {

// Section names by a hash without collisions: a message has a dozen keys.
constexpr std::size_t kSlots = 64;
constexpr std::uint8_t kNoSection = kSectionNames.size();

constexpr std::size_t slot_of(const std::string_view name) noexcept {
  return (name.size() * 7 + static_cast<unsigned char>(name.front()) +
          static_cast<std::size_t>(static_cast<unsigned char>(name.back())) * 3) %
         kSlots;
}

constexpr std::array<std::uint8_t, kSlots> make_slots() noexcept {
  std::array<std::uint8_t, kSlots> slots{};
  slots.fill(kNoSection);
  std::uint8_t number = 0;
  for (const std::string_view name : kSectionNames) slots[slot_of(name)] = number++;
  return slots;
}

constexpr std::array<std::uint8_t, kSlots> kSectionBySlot = make_slots();

constexpr std::uint8_t section_number(const std::string_view name) noexcept {
  if (name.empty()) return kNoSection;
  const std::uint8_t number = kSectionBySlot[slot_of(name)];
  return number != kNoSection && kSectionNames[number] == name ? number : kNoSection;
}

constexpr bool all_found() noexcept {
  for (std::size_t i = 0; i < kSectionNames.size(); ++i) {
    if (section_number(kSectionNames[i]) != i) return false;
  }
  return true;
}
static_assert(all_found(), "two section names share a slot: change slot_of");

// A piece of one of the reader's lists.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

template <typename T>
std::span<const T> part(const std::vector<T>& list, const Range range) noexcept {
  return std::span<const T>(list).subspan(range.begin, range.end - range.begin);
}

/// Reads one text. One thread at a time.
class MessageReader {
 public:
  MessageReader(const std::string_view text, const DecodeLimits& limits, const BuildMessage& build)
      : scanner_(text, limits.depth), build_(build) {
    constexpr std::size_t kTypical = 8;  // parameters, or columns
    members_.reserve(kTypical);
    names_.reserve(kTypical);
  }

  mplane::Message read() {
    const RawValue root = scanner_.value();
    if (root.kind != RawValue::Kind::Object) {
      scanner_.skip(root);
      scanner_.expect_end();
      throw Error(ErrorKind::Invalid, {}, "no message: a message is an object");
    }
    Frame frame;
    read_sections(frame);
    scanner_.expect_end();
    return built(frame);
  }

 private:
  // A message, while it is read. The reader's lists hold its members, names, rows and cells.
  struct Frame {
    RawMessage raw;
    Range parameters, metadata, columns, rows, cells;
    std::vector<mplane::Message> contents;
    std::optional<Error> content_error;  // of the first of `contents` that is no message
  };

  void read_sections(Frame& frame) {
    std::string_view key;
    while (scanner_.next_member(key)) {
      const std::uint8_t section = section_number(key);
      const RawValue value = scanner_.value();
      if (section == kNoSection) {
        scanner_.skip(value);
      } else {
        frame.raw.sections[section] = value;
        read_section(frame, static_cast<Section>(section), value);
      }
    }
  }

  // What is not of the kind that its section should be is for `build` to judge.
  void read_section(Frame& frame, const Section section, const RawValue& value) {
    const bool is_array = value.kind == RawValue::Kind::Array;
    const bool is_object = value.kind == RawValue::Kind::Object;
    if (is_object && section == Section::Parameters) {
      frame.parameters = read_members();
    } else if (is_object && section == Section::Metadata) {
      frame.metadata = read_members();
    } else if (is_array && section == Section::Results) {
      frame.columns = read_names();
    } else if (is_array && section == Section::ResultValues) {
      read_rows(frame);
    } else if (is_array && section == Section::Contents) {
      read_contents(frame);
    } else {
      scanner_.skip(value);
    }
  }

  // A value of which nothing inside matters.
  RawValue whole_value() {
    const RawValue value = scanner_.value();
    scanner_.skip(value);
    return value;
  }

  Range read_members() {
    const std::size_t begin = members_.size();
    RawMember member;
    while (scanner_.next_member(member.name)) {
      member.value = whole_value();
      members_.push_back(member);
    }
    return {begin, members_.size()};
  }

  Range read_names() {
    const std::size_t begin = names_.size();
    while (scanner_.next_element()) names_.push_back(whole_value());
    return {begin, names_.size()};
  }

  void read_rows(Frame& frame) {
    constexpr std::size_t kTypicalCell = 12;  // bytes, with quotes and comma
    // Once only: whoever repeats the section a million times must not have all copied each time.
    if (cells_.empty()) cells_.reserve(scanner_.left() / kTypicalCell);
    frame.rows.begin = rows_.size();
    frame.cells.begin = cells_.size();
    while (scanner_.next_element()) {
      const RawValue row = scanner_.value();
      const bool is_array = row.kind == RawValue::Kind::Array;
      if (is_array) {
        while (scanner_.next_element()) cells_.push_back(whole_value());
      } else {
        scanner_.skip(row);
      }
      rows_.push_back({cells_.size() - frame.cells.begin, is_array});
    }
    frame.rows.end = rows_.size();
    frame.cells.end = cells_.size();
  }

  // What is wrong with the messages inside matters only if it turns out that this is an envelope.
  void read_contents(Frame& frame) {
    frame.contents.clear();
    frame.content_error.reset();
    while (scanner_.next_element()) {
      const RawValue value = scanner_.value();
      if (value.kind != RawValue::Kind::Object || frame.content_error) {
        scanner_.skip(value);
        refuse_content(frame, {ErrorKind::Invalid, {}, "no message: a message is an object"});
      } else {
        read_content(frame);
      }
    }
  }

  void read_content(Frame& outer) {
    const std::array<std::size_t, 4> sizes = {members_.size(), names_.size(), rows_.size(),
                                              cells_.size()};
    Frame frame;
    read_sections(frame);
    try {
      outer.contents.push_back(built(frame));
    } catch (const Error& error) {
      refuse_content(outer, error);
    }
    members_.resize(sizes[0]);
    names_.resize(sizes[1]);
    rows_.resize(sizes[2]);
    cells_.resize(sizes[3]);
  }

  static void refuse_content(Frame& outer, const Error& error) {
    if (outer.content_error) return;
    outer.content_error = error.within("contents/" + std::to_string(outer.contents.size()));
  }

  mplane::Message built(Frame& frame) {
    frame.raw.parameters = part(members_, frame.parameters);
    frame.raw.metadata = part(members_, frame.metadata);
    frame.raw.columns = part(names_, frame.columns);
    frame.raw.rows = part(rows_, frame.rows);
    frame.raw.cells = part(cells_, frame.cells);
    const bool is_envelope = frame.raw[section_of(Kind::Envelope)].kind != RawValue::Kind::Absent;
    if (is_envelope && frame.content_error) {
      const Error& error = *frame.content_error;
      throw Error(error.kind(), error.where(), error.message());
    }
    return build_(frame.raw, std::move(frame.contents));
  }

  JsonScanner scanner_;
  const BuildMessage& build_;
  std::vector<RawMember> members_;
  std::vector<RawValue> names_;
  std::vector<RawRow> rows_;
  std::vector<RawValue> cells_;
};

}  // namespace

mplane::Message read_message(const std::string_view text, const DecodeLimits& limits,
                             const BuildMessage& build) {
  return MessageReader(text, limits, build).read();
}

}  // namespace mplane::detail
