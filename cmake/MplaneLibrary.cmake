# One function for each kind of thing the project builds: libraries, programs, embedded texts.

include(GNUInstallDirs)
include(MplanePackages)

# mplane_add_library(<name> [SOURCES …] [PUBLIC_DEPS …] [PRIVATE_DEPS …] [NOT_INSTALLED])
#
# The static library mplane_<name>, alias mplane::<name>, of the room that calls: its sources are
# src/*.cpp unless SOURCES lists them, its public headers include/**/*.hpp, its private ones lie in
# src/. Dependencies are targets, third-party ones found here (MplanePackages.cmake). Installed as
# component <name> of find_package(mplane).
function(mplane_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NOT_INSTALLED" "" "SOURCES;PUBLIC_DEPS;PRIVATE_DEPS")
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS src/*.cpp)
  endif()
  set(include_dir ${CMAKE_CURRENT_SOURCE_DIR}/include)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${include_dir}/*.hpp ${include_dir}/*.h)
  mplane_require(${arg_PUBLIC_DEPS} ${arg_PRIVATE_DEPS})

  set(target mplane_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(mplane::${name} ALIAS ${target})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${include_dir} FILES ${headers})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC_DEPS} PRIVATE ${arg_PRIVATE_DEPS})
  mplane_warn(${target} ${MPLANE_NO_GLOBALS_FLAGS})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  if(NOT arg_NOT_INSTALLED)
    mplane_install_library(${name} ${arg_PUBLIC_DEPS} ${arg_PRIVATE_DEPS})
  endif()
endfunction()

# Installs a library, its headers and the file that find_package(mplane COMPONENTS <name>) reads:
# it finds what the library needs, then the library.
function(mplane_install_library name)
  set(needs ${ARGN})
  list(FILTER needs INCLUDE REGEX "^mplane::")
  list(TRANSFORM needs REPLACE "^mplane::" "")
  set(packages ${ARGN})
  list(FILTER packages EXCLUDE REGEX "^mplane::")
  set(file ${PROJECT_BINARY_DIR}/cmake/mplane-${name}.cmake)
  list(JOIN packages " " packages)
  string(CONCAT content
         "include_guard()\n"
         "mplane_require(${packages})\n"
         "foreach(_mplane_need ${needs})\n"
         "  include(\${CMAKE_CURRENT_LIST_DIR}/mplane-\${_mplane_need}.cmake)\n"
         "endforeach()\n"
         "include(\${CMAKE_CURRENT_LIST_DIR}/mplane-${name}-targets.cmake)\n")
  file(CONFIGURE OUTPUT ${file} CONTENT "${content}" @ONLY)

  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mplane)
  install(TARGETS mplane_${name} EXPORT mplane-${name}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT mplane-${name} NAMESPACE mplane:: DESTINATION ${package_dir}
          FILE mplane-${name}-targets.cmake)
  install(FILES ${file} DESTINATION ${package_dir})
endfunction()

# mplane_add_program(<name> SOURCES … DEPS … [NOT_INSTALLED])
#
# A program, built into bin/ of the build directory and installed.
function(mplane_add_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NOT_INSTALLED" "" "SOURCES;DEPS")
  mplane_require(${arg_DEPS})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  mplane_warn(${name} ${MPLANE_NO_GLOBALS_FLAGS})
  if(NOT arg_NOT_INSTALLED)
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endfunction()

# mplane_embed_text(<target> FILE <file> FUNCTION <function> HEADER <header>)
#
# Adds to the target a generated source that defines `std::string_view <function>() noexcept` in
# namespace mplane::detail: the bytes of the file, as HEADER (found on the target's include path)
# declares it.
function(mplane_embed_text target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FILE;FUNCTION;HEADER" "")
  get_filename_component(file ${arg_FILE} ABSOLUTE)
  set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${arg_FUNCTION}.cpp)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DFILE=${file} -DSOURCE=${source} -DFUNCTION=${arg_FUNCTION}
            -DHEADER=${arg_HEADER} -P ${script}
    DEPENDS ${file} ${script}
    COMMENT "Embedding ${arg_FILE}"
    VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()
