# Writes SOURCE, a C++ file that defines mplane::detail::FUNCTION() as the bytes of FILE. Run by
# mplane_embed_text at build time. The text must be UTF-8 without the delimiter of the raw string.

file(READ "${FILE}" text)
string(FIND "${text}" ")embedded\"" delimiter)
if(NOT delimiter EQUAL -1)
  message(FATAL_ERROR "${FILE} holds the delimiter of the raw string that embeds it")
endif()
get_filename_component(name "${FILE}" NAME)

file(WRITE "${SOURCE}" "// Made from ${name}; edit that.
#include \"${HEADER}\"

namespace mplane::detail {

std::string_view ${FUNCTION}() noexcept {
  return R\"embedded(${text})embedded\";
}

}  // namespace mplane::detail
")
