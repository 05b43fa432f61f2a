#!/bin/sh
# offline.sh ARCHIVE: unpacks a release archive and builds, installs and runs it where there is no network.
set -eu
archive=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
as_nobody=-r
[ "$(id -u)" != 0 ] || as_nobody=
# shellcheck disable=SC2086
unshare $as_nobody -n true 2>/dev/null || { echo "no namespace without a network can be made here"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-offline.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
tar -xzf "$archive"
cat >steps <<'END'
set -eu
! getent hosts deb.debian.org
cmake -S toktape-* -B built -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF -DTOKTAPE_WERROR=ON
cmake --build built -j 2
cmake --install built --prefix root
root/bin/toktape --version
root/bin/toktape check toktape-*/tests/golden/demo.toktape
END
# shellcheck disable=SC2086
unshare $as_nobody -n sh steps >log 2>&1 || { tail -n 40 log; exit 1; }
tail -n 2 log
