# Builds the analyser for a big-endian machine, with what cmake/s390x-sysroot.sh prepared in build-s390x/: preset `s390x`.
# Programs run under qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(CMAKE_C_COMPILER s390x-linux-gnu-gcc)
cmake_path(SET root NORMALIZE ${CMAKE_CURRENT_LIST_DIR}/../build-s390x/root)
set(CMAKE_C_FLAGS_INIT "-isystem ${root}/usr/include/s390x-linux-gnu")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath,${root}/usr/lib/s390x-linux-gnu -Wl,-rpath-link,${root}/usr/lib/s390x-linux-gnu")
# Only those libraries: never this machine's own.
set(CMAKE_FIND_ROOT_PATH ${root})
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${root})
set(ENV{PKG_CONFIG_LIBDIR} ${root}/usr/lib/s390x-linux-gnu/pkgconfig)
set(ENV{PKG_CONFIG_PATH} "")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-s390x -L /usr/s390x-linux-gnu)
