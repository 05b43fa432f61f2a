# Flags that every source of the project is compiled with.
add_library(toktape_options INTERFACE)
target_include_directories(toktape_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(toktape_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wcast-qual -Wvla -Wformat=2 -Wundef
  # The same inputs must give the same figures on every machine: no fused multiply-add.
  -ffp-contract=off -fno-common)
if(APPLE)
  target_compile_definitions(toktape_options INTERFACE _DARWIN_C_SOURCE)
else()
  target_compile_definitions(toktape_options INTERFACE _GNU_SOURCE)
endif()
if(TOKTAPE_WERROR)
  target_compile_options(toktape_options INTERFACE -Werror)
endif()
if(TOKTAPE_FAULTS)
  target_compile_definitions(toktape_options INTERFACE TOKTAPE_FAULTS)
endif()
if(TOKTAPE_SANITIZE)
  target_compile_options(toktape_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(toktape_options INTERFACE -fsanitize=address,undefined)
endif()
if(TOKTAPE_FUZZ)
  target_compile_options(toktape_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
