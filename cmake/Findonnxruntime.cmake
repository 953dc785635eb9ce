# Finds ONNX Runtime: an installed package, else what scripts/fetch_onnxruntime.sh has fetched.
# Defines onnxruntime::headers, and onnxruntime_LIBRARY, the shared library that is loaded while the
# program runs, when the first network is used.
find_package(onnxruntime CONFIG QUIET)
if(TARGET onnxruntime::onnxruntime)
  get_target_property(onnxruntime_INCLUDE_DIR onnxruntime::onnxruntime INTERFACE_INCLUDE_DIRECTORIES)
  set(onnxruntime_LIBRARY $<TARGET_FILE:onnxruntime::onnxruntime>)
else()
  set(fetched ${CMAKE_CURRENT_LIST_DIR}/../build/third_party/onnxruntime)
  find_path(onnxruntime_INCLUDE_DIR onnxruntime_cxx_api.h PATH_SUFFIXES onnxruntime
            HINTS ${fetched}/include)
  find_file(onnxruntime_LIBRARY NAMES libonnxruntime.so.1 libonnxruntime.so
            PATHS ${fetched}/lib /usr/lib /usr/local/lib PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE})
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(onnxruntime REQUIRED_VARS onnxruntime_INCLUDE_DIR
                                                            onnxruntime_LIBRARY)
if(onnxruntime_FOUND AND NOT TARGET onnxruntime::headers)
  add_library(onnxruntime::headers INTERFACE IMPORTED)
  target_include_directories(onnxruntime::headers SYSTEM INTERFACE ${onnxruntime_INCLUDE_DIR})
endif()
mark_as_advanced(onnxruntime_INCLUDE_DIR onnxruntime_LIBRARY)
