#!/bin/sh
# archive.sh ROOT: a release archive is the same bytes each time, and holds what is committed; the formula names it.
set -eu
root=$1
git -C "$root" rev-parse HEAD >/dev/null 2>&1 || { echo "this is no git checkout"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-archive.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
(umask 027 && sh "$root/packaging/release.sh" one https://example.org/toktape >/dev/null 2>&1)
sleep 1 # another second must not show
(umask 022 && TZ=Asia/Tokyo sh "$root/packaging/release.sh" two >/dev/null 2>&1)
cmp one/toktape-*.tar.gz two/toktape-*.tar.gz
cmp one/SHA256SUMS two/SHA256SUMS
tar -tzf one/toktape-*.tar.gz | sed -n 's,^[^/]*/\(.*[^/]\)$,\1,p' | sort >packed
git -C "$root" ls-tree -r --name-only HEAD | sort | diff - packed
grep -q -F "$(cut -d' ' -f1 one/SHA256SUMS)" one/toktape.rb
grep -q "https://example.org/toktape/$(cd one && ls toktape-*.tar.gz)\"" one/toktape.rb
if grep @ one/toktape.rb | grep -v openssl@3; then
    echo "a place in the formula is not filled"
    exit 1
fi
[ ! -e two/toktape.rb ] # nobody said where the archive will be
if command -v ruby >/dev/null; then
    ruby -c one/toktape.rb >/dev/null
fi
