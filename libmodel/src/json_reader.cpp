#include "json_reader.hpp"

#include "mplane/model/error.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <utility>

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

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

[[noreturn]] void refuse(const std::size_t offset, const std::string_view reason) {
  throw Error(ErrorKind::Malformed, {},
              "not JSON at byte " + std::to_string(offset) + ": " + std::string(reason));
}

Error no_message(const std::string_view what) {
  return {ErrorKind::Invalid, {}, std::string(what) + ", where a message should be: an object"};
}

// A piece of one of the reader's lists.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

template <typename T>
std::span<const T> part(const std::vector<T>& list, const Range range) noexcept {
  return std::span<const T>(list).subspan(range.begin, range.end - range.begin);
}

// What the innermost array or object is that has not ended yet.
enum class Context : std::uint8_t { Message, Members, Names, Rows, Row, Contents };

// A message that has not ended yet.
struct Frame {
  RawValue& value() noexcept { return sections[section]; }
  Section key() const noexcept { return static_cast<Section>(section); }

  std::array<RawValue, kSectionNames.size() + 1> sections{};  // the last for unknown keys
  std::uint8_t section = kNoSection;                          // whose value comes next
  Context context = Context::Message;
  Range parameters, metadata, columns, rows, cells;
  std::array<std::size_t, 4> marks{};  // how long the reader's lists were when it began
  std::vector<mplane::Message> contents;
  std::size_t content_count = 0;
  std::optional<Error> content_error;  // of the first of `contents` that is no message
};

/// Takes what RapidJSON finds and puts it where it belongs. One thread at a time, one text.
class SectionReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, SectionReader> {
 public:
  SectionReader(const char* begin, const DecodeLimits& limits, const BuildMessage& build)
      : begin_(begin), limits_(limits), build_(build) {}

  mplane::Message take() && { return std::move(*result_); }

  bool Null() { return scalar({nullptr, 0, RawValue::Kind::Null}); }
  bool Bool(const bool value) {
    return scalar({nullptr, 0, value ? RawValue::Kind::True : RawValue::Kind::False});
  }
  bool RawNumber(const char* text, const rapidjson::SizeType size, bool /*copy*/) {
    return scalar({text, size, RawValue::Kind::Number});
  }
  bool String(const char* text, const rapidjson::SizeType size, bool /*copy*/) {
    require_utf8({text, size});
    return scalar({text, size, RawValue::Kind::String});
  }
  bool Key(const char* text, const rapidjson::SizeType size, bool /*copy*/) {
    require_utf8({text, size});
    if (skipped_ > 0) return true;
    Frame& frame = frames_.back();
    if (frame.context == Context::Message) {
      frame.section = section_number({text, size});
    } else {
      member_name_ = {text, size};
    }
    return true;
  }
  bool StartObject() { return open(RawValue::Kind::Object); }
  bool StartArray() { return open(RawValue::Kind::Array); }
  bool EndObject(rapidjson::SizeType /*count*/) { return close(); }
  bool EndArray(rapidjson::SizeType /*count*/) { return close(); }

 private:
  void require_utf8(const std::string_view text) const {
    if (!is_utf8(text)) {
      refuse(static_cast<std::size_t>(text.data() - begin_), "the string here is not UTF-8");
    }
  }

  // A value without parts, or the kind of one whose parts do not matter.
  bool scalar(const RawValue& value) {
    if (skipped_ > 0) return true;
    if (frames_.empty()) throw no_message("a single value");
    Frame& frame = frames_.back();
    switch (frame.context) {
      case Context::Message:
        frame.value() = value;
        break;
      case Context::Members:
        members_.push_back({member_name_, value});
        break;
      case Context::Names:
        names_.push_back(value);
        break;
      case Context::Rows:
        rows_.push_back({cells_.size() - frame.cells.begin, false});
        break;
      case Context::Row:
        cells_.push_back(value);
        break;
      case Context::Contents:
        refuse_content(frame, no_message("something else"));
        break;
    }
    return true;
  }

  bool open(const RawValue::Kind kind) {
    if (++depth_ > limits_.depth) {
      throw Error(ErrorKind::Malformed, {},
                  "nested deeper than " + std::to_string(limits_.depth) + " levels");
    }
    if (skipped_ > 0 || !enter(kind)) ++skipped_;
    return true;
  }

  // Whether the array or object that begins has parts that matter.
  bool enter(const RawValue::Kind kind) {
    const bool is_object = kind == RawValue::Kind::Object;
    if (frames_.empty()) {
      if (!is_object) throw no_message("an array");
      begin_message();
      return true;
    }
    Frame& frame = frames_.back();
    if (frame.context == Context::Message) {
      frame.value() = {nullptr, 0, kind};
      return enter_section(frame, is_object);
    }
    if (frame.context == Context::Rows && !is_object) {
      frame.context = Context::Row;
      return true;
    }
    if (frame.context == Context::Contents && is_object && !frame.content_error) {
      begin_message();
      return true;
    }
    scalar({nullptr, 0, kind});
    return false;
  }

  bool enter_section(Frame& frame, const bool is_object) {
    const Section key = frame.key();
    if (is_object && key == Section::Parameters) return enter(frame, Context::Members);
    if (is_object && key == Section::Metadata) return enter(frame, Context::Members);
    if (!is_object && key == Section::Results) return enter(frame, Context::Names);
    if (!is_object && key == Section::ResultValues) return enter(frame, Context::Rows);
    if (!is_object && key == Section::Contents) return enter(frame, Context::Contents);
    return false;
  }

  bool enter(Frame& frame, const Context context) {
    frame.context = context;
    if (context == Context::Members) range_of(frame).begin = members_.size();
    if (context == Context::Names) frame.columns.begin = names_.size();
    if (context == Context::Rows) {
      frame.rows.begin = rows_.size();
      frame.cells.begin = cells_.size();
    }
    if (context == Context::Contents) {
      frame.contents.clear();
      frame.content_count = 0;
      frame.content_error.reset();
    }
    return true;
  }

  bool close() {
    --depth_;
    if (skipped_ > 0) {
      --skipped_;
      return true;
    }
    Frame& frame = frames_.back();
    switch (frame.context) {
      case Context::Message:
        finish();
        return true;
      case Context::Row:
        rows_.push_back({cells_.size() - frame.cells.begin, true});
        frame.context = Context::Rows;
        return true;
      case Context::Members:
        range_of(frame).end = members_.size();
        break;
      case Context::Names:
        frame.columns.end = names_.size();
        break;
      case Context::Rows:
        frame.rows.end = rows_.size();
        frame.cells.end = cells_.size();
        break;
      case Context::Contents:
        break;
    }
    frame.context = Context::Message;
    return true;
  }

  static Range& range_of(Frame& frame) noexcept {
    return frame.key() == Section::Metadata ? frame.metadata : frame.parameters;
  }

  void begin_message() {
    frames_.emplace_back().marks = {members_.size(), names_.size(), rows_.size(), cells_.size()};
  }

  // Takes the innermost message's share off the lists.
  void end_message() {
    const auto& [members, names, rows, cells] = frames_.back().marks;
    members_.resize(members);
    names_.resize(names);
    rows_.resize(rows);
    cells_.resize(cells);
    frames_.pop_back();
  }

  // The innermost message has ended.
  void finish() {
    if (frames_.size() == 1) {
      result_ = built(frames_.back());
      return;
    }
    Frame& outer = frames_[frames_.size() - 2];
    try {
      outer.contents.push_back(built(frames_.back()));
      ++outer.content_count;
    } catch (const Error& error) {
      refuse_content(outer, error);
    }
    end_message();
  }

  // What is in `contents` matters only if it turns out that it belongs to an envelope.
  static void refuse_content(Frame& outer, const Error& error) {
    if (outer.content_error) return;
    outer.content_error = error.within("contents/" + std::to_string(outer.content_count));
  }

  mplane::Message built(Frame& frame) {
    RawMessage raw;
    std::copy_n(frame.sections.begin(), raw.sections.size(), raw.sections.begin());
    raw.parameters = part(members_, frame.parameters);
    raw.metadata = part(members_, frame.metadata);
    raw.columns = part(names_, frame.columns);
    raw.rows = part(rows_, frame.rows);
    raw.cells = part(cells_, frame.cells);
    const bool is_envelope = raw[Section::Envelope].kind != RawValue::Kind::Absent;
    if (is_envelope && frame.content_error) throw *frame.content_error;
    return build_(raw, std::move(frame.contents));
  }

  const char* begin_;
  DecodeLimits limits_;
  const BuildMessage& build_;

  std::size_t depth_ = 0;
  std::size_t skipped_ = 0;  // how many of the innermost arrays and objects do not matter
  std::vector<Frame> frames_;
  std::string_view member_name_;
  std::vector<RawMember> members_;
  std::vector<RawValue> names_;
  std::vector<RawRow> rows_;
  std::vector<RawValue> cells_;
  std::optional<mplane::Message> result_;
};

// What RapidJSON calls an error, within a sentence.
std::string lower_case(const std::string_view sentence) {
  std::string text(sentence.substr(0, sentence.find_last_not_of('.') + 1));
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

}  // namespace

// Strings are decoded in place, in a copy of the text. RapidJSON recurses once a level, which is
// why SectionReader counts levels; it would take a NUL byte for the end of the text.
mplane::Message read_message(const std::string_view text, const DecodeLimits& limits,
                             const BuildMessage& build) {
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  if (text.starts_with("\xEF\xBB\xBF")) refuse(0, "a byte order mark");
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) refuse(nul, "a NUL byte");

  std::string copy(text);
  SectionReader sections(copy.data(), limits, build);
  rapidjson::InsituStringStream stream(copy.data());
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, sections);
  if (result.IsError()) {
    refuse(result.Offset(), lower_case(rapidjson::GetParseError_En(result.Code())));
  }
  return std::move(sections).take();
}

}  // namespace mplane::detail
