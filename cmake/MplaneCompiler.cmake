# What every target of the project is compiled with.

if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(MPLANE_CCACHE ccache)
  if(MPLANE_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${MPLANE_CCACHE})
  endif()
endif()

include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

set(MPLANE_WARNING_FLAGS
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
    -Wnon-virtual-dtor -Woverloaded-virtual -Wsuggest-override -Wextra-semi -Wimplicit-fallthrough)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND MPLANE_WARNING_FLAGS -Wduplicated-cond -Wduplicated-branches -Wlogical-op
       -Wuseless-cast)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # When g++ 12 optimises, it suspects joined strings and moved variants.
    list(APPEND MPLANE_WARNING_FLAGS -Wno-restrict -Wno-maybe-uninitialized)
  endif()
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # g++ has -Wnull-dereference, too, and finds it in the insides of std::vector when it optimises.
  list(APPEND MPLANE_WARNING_FLAGS -Wthread-safety -Wnull-dereference)
  # No globals: nothing is constructed before main or destroyed after it. Catch2's test cases are
  # globals, so that these two are for the libraries and programs.
  set(MPLANE_NO_GLOBALS_FLAGS -Wglobal-constructors -Wexit-time-destructors)
endif()

# Asks for the warnings on one target. Whether they are errors is for the presets to say: what a
# packager's compiler finds next year must not stop his build.
function(mplane_warn target)
  if(MPLANE_WARNINGS)
    target_compile_options(${target} PRIVATE ${MPLANE_WARNING_FLAGS} ${ARGN})
  endif()
endfunction()
