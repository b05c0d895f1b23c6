#include "scanner.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

#include <string>

namespace mplane::detail {

void Scanner::fail_at(const std::size_t position, const std::string_view reason) const {
  std::string message = quoted(text_) + " is not ";
  message.append(what_).append(": ").append(reason);
  message += position < text_.size() ? ", at character " + std::to_string(position + 1)
                                     : ", at the end of the text";
  throw Error(ErrorKind::Malformed, {}, std::move(message));
}

}  // namespace mplane::detail
