#!/bin/sh
# style.sh ROOT [RULE]: the rules for sources that a compiler does not know, or the one whose message is RULE. Prints one
# line per violation, fails on any.
# shellcheck disable=SC2016,SC2046,SC2086,SC2317 # file lists are to be split, functions are called by name
set -u
cd "${1:-.}" || exit 2
only=${2:-}
status=0

complain() { # complain MESSAGE: reads FILE:LINE:TEXT lines, each of which is a violation
    while IFS= read -r line; do
        [ -n "$line" ] && echo "$1: $line" && found=1
    done
    [ -z "${found:-}" ]
}
# rule MESSAGE COMMAND...: the command prints the violations
rule() {
    message=$1
    shift
    [ -z "$only" ] || [ "$only" = "$message" ] || return 0
    "$@" | complain "$message" || status=1
}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/toktape-style.XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
libraries='formats record replay analyze plots'
product=$(find toktape.c $libraries -name '*.[ch]' 2>/dev/null | sort)
everything=$(find toktape.c $libraries tests -name '*.[ch]' -not -path '*/node_modules/*' 2>/dev/null | sort)
top_layer='^(toktape\.c|[a-z]+/cmd_[a-z0-9_]+\.c|formats/command\.[ch]|record/d(isplay|rive)\.[ch])$'

# Sources without comments and without what stands between quotes, line numbers kept: what the greps below look at.
mkdir -p "$scratch/code" $(printf '%s\n' $everything | sed "s,[^/]*\$,,; s,^,$scratch/code/," | sort -u)
awk -v code="$scratch/code/" '
    FNR == 1 { close(copy); copy = code FILENAME; comment = 0 }
    {
        quote = out = ""
        for (i = 1; i <= length($0); i++) {
            c = substr($0, i, 1)
            two = substr($0, i, 2)
            if (comment) {
                if (two == "*/") { comment = 0; i++ }
            } else if (quote) {
                if (c == "\\") i++
                else if (c == quote) { quote = ""; out = out c }
            } else if (two == "/*") { comment = 1; i++ }
            else if (two == "//") break
            else {
                if ((c == "\"" && $0 !~ /^#include/) || c == "\047") quote = c
                out = out c
            }
        }
        print out > copy
    }' $everything

except() { # except PATTERN: the product's files whose names do not match
    printf '%s\n' $product | grep -vE "$1"
}
search() { # search PATTERN FILES...: FILE:LINE:TEXT of code that matches
    pattern=$1
    shift
    (cd "$scratch/code" && grep -nE "$pattern" /dev/null "$@")
}
calls() { # calls NAMES FILES...: calls of plain functions, not of members such as source->read()
    names=$1
    shift
    search "(^|[^A-Za-z0-9_.>])($names)\\(" "$@"
}

# --- who may include whom ---
includes_beyond() { # includes_beyond FOLDER ALLOWED: library files of FOLDER that include another one's headers
    files=$(printf '%s\n' $product | grep "^$1/" | grep -vE "$top_layer")
    [ -z "$files" ] || search '^#include "' $files | grep -vE "#include \"($2)/[a-z0-9_/]+\\.h\""
}
rule 'library may not include' includes_beyond formats 'formats'
rule 'library may not include' includes_beyond record 'formats|record'
rule 'library may not include' includes_beyond replay 'formats|record|replay'
rule 'library may not include' includes_beyond analyze 'formats|analyze'
rule 'library may not include' includes_beyond plots 'formats|analyze|plots'
rule 'commands are included by nobody' search '#include ".*cmd_' $everything
rule 'only commands may use command.h' search '#include "formats/command\.h"' $(except "$top_layer")

only_in() { # only_in HEADER FILE: includes of <HEADER...> outside FILE
    search "#include <$1" $(except "^$2\$")
}
rule 'only record/http_connection.c talks to libcurl' only_in curl/ record/http_connection.c
rule 'only formats/compress.c knows zstd' only_in zstd formats/compress.c
rule 'only replay/server.c knows libmicrohttpd' only_in microhttpd replay/server.c
rule 'only analyze/sqlite.c knows SQLite' only_in sqlite3 analyze/sqlite.c

# --- one way to do each thing ---
rule 'per-OS code belongs in linux/ and darwin/' search \
    '^#.*(__APPLE__|__MACH__|__linux__|__gnu_linux__|__FreeBSD__|_WIN32)' $(except '/(linux|darwin)/')
rule 'banned call' calls \
    'strcpy|strcat|strncat|sprintf|vsprintf|gets|atoi|atol|atoll|atof|strtok|localtime|gmtime|ctime|asctime|system|popen|alloca' \
    $everything
rule 'memory comes from formats/alloc.h' calls \
    'malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|vasprintf|getline|getdelim' \
    $(except '^formats/alloc\.c$')
processes='^(plots/gnuplot|record/shell|record/(linux/|darwin/)?process)\.c$'
pipes='^record/recorder\.c$' # what wakes its writer
rule 'files are opened and written through formats/io.h' calls \
    'open|openat|creat|fopen|fdopen|freopen|read|pread|write|pwrite|rename|unlink|remove|mkdir|fsync|fdatasync' \
    $(except "^formats/(io|fault|linux/io_os|darwin/io_os)\\.c$|^record/(linux|darwin)/|$pipes|$processes")
rule 'processes are started in one place each' calls \
    'fork|vfork|posix_spawnp?|execl|execlp|execle|execv|execvp|execve' $(except "$processes")
rule 'libraries neither print nor exit' search \
    '(^|[^A-Za-z0-9_.>])((printf|vprintf|puts|putchar|perror|exit|abort)\(|v?fprintf\((stdout|stderr))' \
    $(except "$top_layer")

# --- shape ---
too_long_files() {
    wc -l $everything | awk '$2 != "total" && $1 > 600 { print $2 ": " $1 " lines" }'
}
rule 'file over 600 lines' too_long_files
too_long_functions() { # in the project's brace style only a function opens with a brace in the first column
    (cd "$scratch/code" && awk '
        /^{/ { start = FNR }
        /^}/ && start {
            if (FNR - start + 1 > 60) print FILENAME ":" start ": " FNR - start + 1 " lines"
            start = 0
        }
        FNR == 1 && !/^{/ { start = 0 }' $everything)
}
rule 'function over 60 lines' too_long_functions
without_licence() {
    awk 'BEGIN {
        for (i = 1; i < ARGC; i++) {
            first = ""
            getline first <ARGV[i]
            close(ARGV[i])
            if (!index(first, "/* SPDX-License-Identifier: MIT */")) print ARGV[i]
        }
    }' $everything
}
rule 'first line is not the SPDX line' without_licence
unfinished() {
    grep -nwE 'TODO|FIXME|XXX' $everything /dev/null
}
rule 'unfinished' unfinished
not_built() { # in the per-OS folders the build lists ${TOKTAPE_OS}/NAME.c
    for library in $libraries; do
        tr -s '[:space:]()' '\n' <"$library/CMakeLists.txt" |
            sed -e p -e 's,^${TOKTAPE_OS}/,linux/,p' -e 's,^linux/,darwin/,' >"$scratch/built"
        printf '%s\n' $product | sed -n "s,^$library/\(.*\.c\)$,\1,p" | grep -vxF -f "$scratch/built" | sed "s,^,$library/,"
    done
}
rule 'not in the CMakeLists.txt of its folder' not_built

# What a source includes before anything else the build has shown to stand alone; the others are tried.
headers_not_self_contained() {
    printf '%s\n' $everything | grep '\.c$' | xargs awk 'FNR == 1 { first = 1 }
        first && /^#include/ { first = 0; if (gsub(/^#include "|"$/, "")) print }' | sort -u >"$scratch/shown"
    flags="-std=c11 -D_GNU_SOURCE -D_DARWIN_C_SOURCE -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I.
        $(pkg-config --cflags-only-I libcjson libzstd libxxhash 2>/dev/null)"
    other_os=darwin
    [ "$(uname)" = Darwin ] && other_os=linux
    printf '%s\n' $everything | grep '\.h$' | grep -v "/$other_os/" | grep -vxF -f "$scratch/shown" | CC=${CC:-cc} flags=$flags \
        xargs -n 8 -P "$(getconf _NPROCESSORS_ONLN)" sh -c '
            for header; do
                printf "#include \"%s\"\nextern int header_stands_alone;\n" "$header" | "$CC" $flags -x c - 2>&1 |
                    sed -n "/error:/{s,^,$header: ,p;q;}"
            done' sh
}
rule 'header does not compile on its own' headers_not_self_contained
exit $status
