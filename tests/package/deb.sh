#!/bin/sh
# deb.sh PACKAGE.deb [ROOT]: installs the package in a fresh, minimal Debian, has it record its own engine there and read the
# trace, and removes it again. As root; debootstrap fetches the system, into ROOT or for this once.
# shellcheck disable=SC1091,SC2154 # "common" sets $work
set -eu
package=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
tests=$(cd "$(dirname "$0")/.." && pwd)
root=${2:-}
. "$tests/package/common"
find "$root" -xdev -type f -o -xdev -type l | grep -v -e "^$root/var" -e "^$root/proc" | sort >"$work/before"
cp "$package" "$root/tmp/toktape.deb"
cp "$tests/profiles/fast.json" "$root/tmp/engine.json"
inside apt-get update -qq
inside apt-get install -qq -y --no-install-recommends /tmp/toktape.deb >"$work/log" 2>&1 || { tail "$work/log"; exit 1; }

cat >"$root/tmp/steps" <<'END'
set -eu
cd /tmp
version=$(dpkg-query -W -f '${Version}' toktape)
[ "$(toktape --version)" = "toktape $version" ]
for page in $(toktape --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    dpkg -S "/usr/share/man/man1/toktape-$page.1.gz" >/dev/null
done
dpkg --verify toktape
rm -f url run.toktape
mkfifo url
toktape serve engine.json >url &
read -r url <url
toktape record --url "$url" --skip-long --pause 0 -q -o run.toktape
kill $!
toktape check run.toktape
toktape report --view phases --format text run.toktape
code=0
toktape plot run.toktape -o charts || code=$?
[ $code = 5 ] # gnuplot is only recommended
END
inside sh /tmp/steps
inside apt-get purge -qq -y toktape >"$work/log" 2>&1 || { tail "$work/log"; exit 1; }
inside apt-get autoremove --purge -qq -y >"$work/log" 2>&1
find "$root" -xdev -type f -o -xdev -type l | grep -v -e "^$root/var" -e "^$root/proc" | sort >"$work/after"
diff "$work/before" "$work/after" | grep toktape | grep -v "$root/tmp/" && { echo "the package leaves files behind"; exit 1; }
echo "installs, runs and goes: $(basename "$package")"
