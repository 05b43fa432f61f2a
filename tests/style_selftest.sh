#!/bin/sh
# style_selftest.sh: every rule of style.sh catches a planted violation, and a clean tree passes.
# shellcheck disable=SC2016 # ${TOKTAPE_OS} is CMake's
set -u
style=$(cd "$(dirname "$0")" && pwd)/style.sh
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-style.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
failures=0
licence='/* SPDX-License-Identifier: MIT */'

plant() { # plant FILE: the file's text on standard input, under the licence line
    mkdir -p "$work/tree/$(dirname "$1")"
    { echo "$licence"; cat; } >"$work/tree/$1"
}
make_clean_tree() {
    plant toktape.c <<'C'
int main(void)
{
    return 0;
}
C
    plant formats/a.h <<'C'
int a_value(void); /* free(pointer) and strcpy(a, b) in a comment are nobody's call */
C
    plant formats/a.c <<'C'
#include "formats/a.h"

int a_value(void)
{
    const char *text = "malloc(3) // \" sprintf(";
    return text[0] + source->read(text);
}
C
    plant analyze/cmd_a.c <<'C'
#include <stdio.h>
#include "formats/command.h"
#include "record/b.h"
C
    plant formats/command.h </dev/null
    plant record/b.h </dev/null
    plant record/http_connection.c <<'C'
#include <curl/curl.h>
C
    plant record/linux/b.c <<'C'
#include "record/b.h"
#ifdef __linux__
#endif
C
    mkdir -p "$work/tree/tests"
    echo 'x.c a.c' >"$work/tree/formats/CMakeLists.txt"
    echo 'x.c http_connection.c ${TOKTAPE_OS}/x.c ${TOKTAPE_OS}/b.c' >"$work/tree/record/CMakeLists.txt"
    for folder in analyze plots replay; do
        mkdir -p "$work/tree/$folder"
        echo 'x.c cmd_a.c' >"$work/tree/$folder/CMakeLists.txt"
    done
    mv "$work/tree" "$work/clean"
}
clean_tree() {
    rm -rf "$work/tree"
    cp -R "$work/clean" "$work/tree"
}
catches() { # catches MESSAGE FILE: with FILE (text on standard input) the tree fails and says MESSAGE
    clean_tree
    plant "$2"
    if sh "$style" "$work/tree" "$1" >"$work/out" 2>&1 || ! grep -q "^$1: .*" "$work/out"; then
        echo "not caught: '$1' in $2"
        cat "$work/out"
        failures=$((failures + 1))
    fi
}

make_clean_tree
clean_tree
if ! sh "$style" "$work/tree" >"$work/out" 2>&1; then
    echo 'a clean tree fails:'
    cat "$work/out"
    failures=1
fi

line() { printf '%s\n' "$@"; }
line '#include "record/b.h"' | catches 'library may not include' formats/x.c
line '#include "replay/x.h"' | catches 'library may not include' record/x.c
line '#include "plots/x.h"' | catches 'library may not include' analyze/x.h
line '#include "record/b.h"' | catches 'library may not include' plots/x.c
line '#include "analyze/cmd_a.c"' | catches 'commands are included by nobody' tests/x.c
line '#include "formats/command.h"' | catches 'only commands may use command.h' analyze/x.c
line '#include <curl/curl.h>' | catches 'only record/http_connection.c talks to libcurl' replay/x.c
line '#include <zstd.h>' | catches 'only formats/compress.c knows zstd' formats/x.c
line '#include <microhttpd.h>' | catches 'only replay/server.c knows libmicrohttpd' record/x.c
line '#include <sqlite3.h>' | catches 'only analyze/sqlite.c knows SQLite' formats/x.c
line '#if defined(__APPLE__)' '#endif' | catches 'per-OS code belongs in linux/ and darwin/' record/x.c
line 'int x = atoi("1");' | catches 'banned call' formats/x.c
line 'int x = system ("ls"), y = system("ls");' | catches 'banned call' tests/x.c
line 'void *p = malloc(1);' | catches 'memory comes from formats/alloc.h' record/linux/x.c
line 'int f = open("x", 0);' | catches 'files are opened and written through formats/io.h' analyze/x.c
line 'int f = fork();' | catches 'processes are started in one place each' analyze/x.c
line 'int f = printf("x");' | catches 'libraries neither print nor exit' formats/x.c
line 'int f = fprintf(stderr, "x");' | catches 'libraries neither print nor exit' replay/x.c
yes '' | head -n 600 | catches 'file over 600 lines' formats/x.c
{ line 'int x(void)' '{'; yes '' | head -n 59; line '}'; } | catches 'function over 60 lines' tests/x.c
line "/* TO""DO: later */" | catches 'unfinished' formats/x.c
line 'int y;' | catches 'not in the CMakeLists.txt of its folder' formats/y.c
line 'int y;' | catches 'not in the CMakeLists.txt of its folder' record/linux/y.c
line 'size_t x(void);' | catches 'header does not compile on its own' formats/x.h
clean_tree
echo 'int x;' >"$work/tree/formats/x.c"
if sh "$style" "$work/tree" >"$work/out" 2>&1 || ! grep -q '^first line is not the SPDX line: formats/x.c' "$work/out"; then
    echo 'not caught: a file without its licence line'
    failures=$((failures + 1))
fi
[ "$failures" = 0 ]
