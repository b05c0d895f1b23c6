# find_package(mplane COMPONENTS model …) gives the targets mplane::model …; without components,
# the model.

include(${CMAKE_CURRENT_LIST_DIR}/MplanePackages.cmake)

if(NOT mplane_FIND_COMPONENTS)
  set(mplane_FIND_COMPONENTS model)
endif()

foreach(_mplane_component IN LISTS mplane_FIND_COMPONENTS)
  if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/mplane-${_mplane_component}.cmake)
    include(${CMAKE_CURRENT_LIST_DIR}/mplane-${_mplane_component}.cmake)
    set(mplane_${_mplane_component}_FOUND TRUE)
  elseif(mplane_FIND_REQUIRED_${_mplane_component})
    set(mplane_FOUND FALSE)
    set(mplane_NOT_FOUND_MESSAGE "mplane has no component '${_mplane_component}'")
  endif()
endforeach()
