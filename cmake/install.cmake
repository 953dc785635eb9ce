include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS unflat unflat_io EXPORT unflatTargets FILE_SET HEADERS)
if(UNFLAT_NEURAL)
  install(TARGETS unflat_neural EXPORT unflatTargets FILE_SET HEADERS)
  # What was fetched for this build is nowhere else on the system
  cmake_path(IS_PREFIX PROJECT_SOURCE_DIR "${onnxruntime_LIBRARY}" is_fetched)
  if(is_fetched)
    install(FILES ${onnxruntime_LIBRARY} DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
endif()
install(DIRECTORY models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/unflat/models)
if(UNFLAT_VIEWER)
  install(FILES viewer/dist/unflat-photo.js DESTINATION ${CMAKE_INSTALL_DATADIR}/unflat/viewer)
endif()
install(EXPORT unflatTargets NAMESPACE unflat::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/unflat)
if(TARGET unflat_cli)
  install(TARGETS unflat_cli)
endif()

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/unflatConfig.cmake.in unflatConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/unflat)
write_basic_package_version_file(unflatConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/unflatConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/unflatConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindOpenCVCore.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindPictureCodecs.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/unflat)
