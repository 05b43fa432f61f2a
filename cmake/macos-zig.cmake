# Compiles and links for macOS on Linux, with what cmake/macos-sysroot.sh prepared in build-macos/: preset `macos`.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR arm64)
cmake_path(SET root NORMALIZE ${CMAKE_CURRENT_LIST_DIR}/../build-macos)
set(CMAKE_C_COMPILER ${root}/bin/cc)
set(CMAKE_AR ${root}/bin/ar CACHE FILEPATH "")
set(CMAKE_RANLIB ${root}/bin/ranlib CACHE FILEPATH "")
# Only the stubs: never this machine's own libraries.
set(CMAKE_FIND_ROOT_PATH ${root})
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(ENV{PKG_CONFIG_LIBDIR} ${root}/lib/pkgconfig)
set(ENV{PKG_CONFIG_PATH} "")
