#include "mplane/session/identity.hpp"

namespace mplane {

Identity::Identity() : text_("Identity.Unauthenticated.Default") {}

Identity identity_of(const SubjectName& subject) {
  std::string text;
  for (std::size_t i = 0; i < subject.size(); ++i) {
    if (i > 0) text += '.';
    if (subject[i].empty()) continue;
    for (const char c : subject[i].front().value) {
      if (c == '.' || c == '\\') text += '\\';
      text += c;
    }
  }
  return Identity(std::move(text));
}

}  // namespace mplane
