#!/bin/sh
# release.sh OUT [BASE-URL]: what is committed as toktape-VERSION.tar.gz in the folder OUT, the same bytes each time, and
# SHA256SUMS; with the address of the folder where the archive will be, also the formula for Homebrew.
set -eu
out=${1:?usage: release.sh OUT [BASE-URL]}
base=${2:-}
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$root"
version=$(git show HEAD:CMakeLists.txt | sed -n 's/^project(toktape VERSION \([0-9.]*\) .*/\1/p')
[ -n "$version" ] || { echo "release: CMakeLists.txt does not tell the version" >&2; exit 1; }
[ -z "$(git status --porcelain)" ] || echo "release: what is not committed is not in the archive" >&2
archive=toktape-$version.tar.gz

# Owners, modes and times come from the commit; gzip's header has neither name nor time.
git -c core.autocrlf=false -c tar.umask=0022 archive --format=tar --prefix="toktape-$version/" HEAD | gzip -9n >"$out/$archive"
cd "$out"
if command -v sha256sum >/dev/null; then
    sha256sum "$archive" >SHA256SUMS
else
    shasum -a 256 "$archive" >SHA256SUMS
fi
echo "$out/$archive"
if [ -n "$base" ]; then
    sed -e '/^# .\.\/dev release/d' -e "s,@BASE@,$base,; s,@ARCHIVE@,$archive,; s,@SHA256@,$(cut -d' ' -f1 SHA256SUMS)," \
        "$root/packaging/homebrew/toktape.rb" >toktape.rb
    echo "$out/toktape.rb"
fi
