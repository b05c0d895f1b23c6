# One function for each kind of thing under tests/: tests, fuzzers and their replays, benchmarks.

# mplane_add_test(<name> [SOURCES …] [DEPS …] [LABELS <label>] [TIMEOUT <seconds>] [PROPERTIES …])
#
# A Catch2 program of the sources (*.cpp of the calling folder unless listed), each of its test
# cases a test of ctest named "<name>/<sentence>". A case without an assertion fails. PROPERTIES
# are passed on to each test, as RESOURCE_LOCK network or RUN_SERIAL ON.
function(mplane_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABELS;TIMEOUT" "SOURCES;DEPS;PROPERTIES")
  if(NOT MPLANE_BUILD_TESTS)
    return()
  endif()
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS *.cpp)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  find_package(Catch2 2 REQUIRED)
  list(APPEND CMAKE_MODULE_PATH ${Catch2_DIR})  # it says so itself once a folder and its subfolders
  include(Catch)
  mplane_require(${arg_DEPS})

  set(target test_${name})
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_DEPS} Catch2::Catch2WithMain)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  mplane_warn(${target})
  catch_discover_tests(${target} TEST_PREFIX "${name}/" EXTRA_ARGS --warn NoAssertions
                       PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS ${arg_LABELS} ${arg_PROPERTIES})
endfunction()

# mplane_add_fuzzer(<name> SOURCES <harness> [DEPS …] [INCLUDES …])
#
# The harness defines LLVMFuzzerTestOneInput. With MPLANE_FUZZ it becomes the libFuzzer program
# fuzz_<name>, part of the target 'fuzzers'; with the tests, a replay that feeds it every file of
# tests/fuzz/corpus/<name>.
function(mplane_add_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;INCLUDES")
  mplane_require(${arg_DEPS})
  if(MPLANE_FUZZ)
    set(target fuzz_${name})
    add_executable(${target} ${arg_SOURCES})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    if(NOT TARGET fuzzers)
      add_custom_target(fuzzers)
    endif()
    add_dependencies(fuzzers ${target})
  elseif(MPLANE_BUILD_TESTS)
    set(target replay_${name})
    add_executable(${target} ${arg_SOURCES} ${PROJECT_SOURCE_DIR}/tests/support/fuzz_replay.cpp)
    add_test(NAME "fuzz/the corpus of ${name} is digested"
             COMMAND ${target} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
    set_tests_properties("fuzz/the corpus of ${name} is digested"
                         PROPERTIES TIMEOUT 60 LABELS fuzz)
  else()
    return()
  endif()
  target_link_libraries(${target} PRIVATE ${arg_DEPS})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${arg_INCLUDES})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  mplane_warn(${target})
endfunction()

# mplane_add_benchmark(<name> SOURCES … [DEPS …])
#
# The benchmark program bench_<name>, part of the target 'benchmarks' and not of 'all'. SOURCES are
# its pairs and the yardsticks they are held against; tests/bench/README.md tells how to write one.
function(mplane_add_benchmark name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  if(NOT MPLANE_BUILD_BENCHMARKS)
    return()
  endif()
  mplane_require(${arg_DEPS})
  set(target bench_${name})
  add_executable(${target} EXCLUDE_FROM_ALL ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_DEPS} mplane_bench)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
  mplane_warn(${target})
  add_dependencies(benchmarks ${target})
endfunction()
