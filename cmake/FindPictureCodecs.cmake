# Finds the libraries that src/io reads and writes pictures with, as PkgConfig::PictureCodecs.
# libheif is loaded while the program runs, when the first HEIC or AVIF file is read: only its
# header is needed to build.
find_package(PkgConfig REQUIRED)
pkg_check_modules(PictureCodecs REQUIRED IMPORTED_TARGET GLOBAL
  libjpeg libpng libwebp libwebpdemux libtiff-4 lcms2 exiv2 expat OpenEXR)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(PictureCodecs REQUIRED_VARS PictureCodecs_LIBRARIES)
