#include "json_dom.hpp"

#include <stdexcept>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace yardstick {
namespace {

constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                            rapidjson::kParseFullPrecisionFlag;

void parse(rapidjson::Document& document, const std::string_view text) {
  document.Parse<kFlags>(text.data(), text.size());
  if (document.HasParseError()) throw std::runtime_error("the yardstick was fed what is not JSON");
}

}  // namespace

std::size_t parse_dom(const std::string_view text) {
  rapidjson::Document document;
  parse(document, text);
  return document.MemberCount();
}

struct ReadyDom::Document {
  rapidjson::Document value;
};

ReadyDom::ReadyDom(const std::string_view text) : document_(std::make_unique<Document>()) {
  parse(document_->value, text);
}
ReadyDom::~ReadyDom() = default;
ReadyDom::ReadyDom(ReadyDom&&) noexcept = default;

std::size_t ReadyDom::write() const {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  document_->value.Accept(writer);
  return buffer.GetSize();
}

}  // namespace yardstick
