#include "written.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"

namespace mplane::detail {

Written written(const Message& message, const LogSink& sink) {
  try {
    return {encode(message), true};
  } catch (const Error& error) {
    log(sink, {Severity::Error,
               "component",
               "a message cannot be written",
               {{"token", message.token()}, {"reason", error.what()}}});
    return {encode(Exception(message.token(), error)), false};
  }
}

}  // namespace mplane::detail
