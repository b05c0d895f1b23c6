// JSON values one behind another: an object a line, or one array over many. Numbers stay text, so
// that none loses a digit; nothing here recurses.

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "row_reader.hpp"

#include <algorithm>
#include <memory>

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/pointer.h>

namespace mplane::detail {
namespace {

constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseStopWhenDoneFlag |
                            rapidjson::kParseNumbersAsStringsFlag |
                            rapidjson::kParseValidateEncodingFlag;

/// Where a column's value is in an object.
struct Place {
  std::string member;
  std::unique_ptr<const rapidjson::Pointer> pointer;  // which knows no cheap move

  const rapidjson::Value* find(const rapidjson::Value& object) const {
    if (pointer) return pointer->Get(object);
    const rapidjson::Value name(rapidjson::StringRef(member.data(), member.size()));
    const auto found = object.FindMember(name);
    return found == object.MemberEnd() ? nullptr : &found->value;
  }
};

Place place_of(const ExecColumn& column) {
  if (!column.source.starts_with('/')) return {column.source, nullptr};
  Place place{column.source, std::make_unique<const rapidjson::Pointer>(column.source.data(),
                                                                        column.source.size())};
  if (!place.pointer->IsValid()) {
    throw Error(ErrorKind::Configuration, "results/" + column.element,
                quoted(column.source) + " is no JSON pointer");
  }
  return place;
}

[[noreturn]] void refuse(const std::size_t number, const std::string& why) {
  throw Error(ErrorKind::Failed, "", "value " + std::to_string(number) + " of the output " + why);
}

class JsonRows final : public RowReader {
 public:
  explicit JsonRows(const ExecSettings& settings) {
    for (const ExecColumn& column : settings.results) places_.push_back(place_of(column));
  }

  std::string_view unit() const noexcept override { return "value"; }

  void read(const std::string_view text, const bool cut, const TakeRow& take) const override {
    rapidjson::MemoryStream stream(text.data(), text.size());
    for (std::size_t number = 1;; ++number) {
      rapidjson::Document document;
      document.ParseStream<kFlags>(stream);
      const bool ended = document.GetParseError() == rapidjson::kParseErrorDocumentEmpty;
      if (ended) return;
      if (document.HasParseError()) {
        if (cut && stream.Tell() >= text.size()) return;
        refuse(number,
               std::string("is no JSON: ") + rapidjson::GetParseError_En(document.GetParseError()));
      }
      read_value(document, number, take);
    }
  }

 private:
  void read_value(const rapidjson::Value& value, const std::size_t number,
                  const TakeRow& take) const {
    if (value.IsObject()) return read_object(value, number, take);
    if (!value.IsArray()) refuse(number, "is neither an object nor an array of objects");
    for (const rapidjson::Value& item : value.GetArray()) {
      if (!item.IsObject()) refuse(number, "is an array with something that is no object");
      read_object(item, number, take);
    }
  }

  void read_object(const rapidjson::Value& object, const std::size_t number,
                   const TakeRow& take) const {
    TextRow row(places_.size());
    bool found = false;
    for (std::size_t column = 0; column < row.size(); ++column) {
      const rapidjson::Value* const value = places_[column].find(object);
      if (value == nullptr) continue;
      found = true;
      row[column] = text_of(*value, places_[column], number);
    }
    if (found) take(row, number);
  }

  static std::optional<std::string> text_of(const rapidjson::Value& value, const Place& place,
                                            const std::size_t number) {
    if (value.IsNull()) return {};
    if (value.IsBool()) return value.GetBool() ? "true" : "false";
    if (value.IsString()) return std::string(value.GetString(), value.GetStringLength());
    refuse(number, "has more than one value at " + quoted(place.member));
  }

  std::vector<Place> places_;
};

}  // namespace

std::unique_ptr<const RowReader> make_json_reader(const ExecSettings& settings) {
  return std::make_unique<JsonRows>(settings);
}

}  // namespace mplane::detail
