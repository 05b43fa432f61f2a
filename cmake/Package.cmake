# 'cpack -G DEB' in a build folder: a package for Debian and Ubuntu. Release archives are made by './dev release'.
set(CPACK_PACKAGE_NAME toktape)
set(CPACK_PACKAGE_VENDOR "The toktape authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "recorder of LLM engines: tokens, power, memory")
set(CPACK_PACKAGE_DESCRIPTION
  "toktape drives an agent's conversation against an OpenAI-compatible server and
keeps what happened (every byte and when each read returned, power, memory) in
one small, checked file. Tables, verdicts, charts and comparisons are computed
from such files, on any machine.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)

set(TOKTAPE_MAINTAINER "The toktape authors <toktape@localhost>" CACHE STRING "Maintainer of packages: NAME <MAIL>")
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${TOKTAPE_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS gnuplot-nox)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "zstd, jq")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/DebianLayout.cmake)
include(CPack)
