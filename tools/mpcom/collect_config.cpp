#include "collect_config.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/session/url.hpp"
#include "mplane/tools/line_file.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace mplane {
namespace {

Capability read_capability(const Registry& registry, ConfigSection& section) {
  CapabilityBuilder builder = Capability::collect(section.text("label")).when("past ... future");
  for (const auto& [element, entry] : section.table("parameters")) {
    std::string constraint;
    for (const std::string& text : entry.texts)
      constraint += (constraint.empty() ? "" : ",") + text;
    builder = std::move(builder).parameter(element, constraint);
  }
  for (const std::string& element : section.texts("results")) {
    builder = std::move(builder).result(element);
  }
  const std::string link = section.text("link");
  if (!link.empty()) builder = std::move(builder).link(to_string(Url::parse(link)));
  return std::move(builder).build(registry);
}

}  // namespace

std::vector<Collection> read_collect(const Registry& registry, ConfigSection& section) {
  const std::size_t mistakes_before = section.mistakes();
  const std::filesystem::path file = section.path("file");
  for (const char* const key : {"label", "results", "file"}) {
    if (!section.has(key)) section.mistake(key, "'" + std::string(key) + "' is missing");
  }
  std::vector<Collection> collections;
  section.attempt("label", [&] {
    const auto lines = std::make_shared<LineFile>(file);
    collections.push_back(
        {read_capability(registry, section),
         [lines](const Identity& from, const Result& result, const Component::Collected& done) {
           const auto why = lines->append(export_json(result, from.text()) + "\n");
           if (!why) return done({});
           done(Error(ErrorKind::Unavailable, "", "the result cannot be kept: " + *why));
         }});
  });
  section.refuse_others();
  if (section.mistakes() != mistakes_before) collections.clear();
  return collections;
}

}  // namespace mplane
