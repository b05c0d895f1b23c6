# mplane_use_jemalloc(<program>…)
#
# Has programs keep their memory with jemalloc: what one thread of a supervisor decodes, another
# frees, and with the C library's allocator threads then wait for each other. The sanitizers have an
# allocator of their own.
function(mplane_use_jemalloc)
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=")
    return()
  endif()
  mplane_require(PkgConfig::jemalloc)
  foreach(program IN LISTS ARGN)
    target_link_libraries(${program} PRIVATE PkgConfig::jemalloc)
  endforeach()
endfunction()
