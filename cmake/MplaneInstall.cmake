# What find_package(mplane) reads, beside what each library installs for itself.

include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mplane)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/mplane-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cmake/mplane-config-version.cmake
              ${PROJECT_SOURCE_DIR}/cmake/mplane-config.cmake
              ${PROJECT_SOURCE_DIR}/cmake/MplanePackages.cmake
        DESTINATION ${package_dir})
install(DIRECTORY registry/ DESTINATION ${CMAKE_INSTALL_DATADIR}/mplane/registry
        FILES_MATCHING PATTERN "*.json")
