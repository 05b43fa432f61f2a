#!/bin/sh
# architecture.sh ROOT: what CONTRIBUTING.md says of the folders is what the build links and what tests/style.sh allows.
# shellcheck disable=SC2013,SC2016 # backquotes are what is looked for, and names have no spaces
set -eu
cd "$1"
work=$(mktemp -d "${TMPDIR:-/tmp}/toktape-architecture.XXXXXX")
trap 'rm -rf "$work"' EXIT
status=0
# Lines "LIBRARY USED" from the table, from the rules, and, what is used by a used one included, from the build.
sed -n 's/^| `\([a-z]*\)\/` |.*| \(.*\) |$/\1 \2/p' CONTRIBUTING.md | tr -d '`,' | grep -v -e '^tests ' |
    awk '{ for (i = 2; i <= NF; i++) if ($i != "nothing" && $i != "else") print $1, $i }' | sort >"$work/told"
sed -n "s/^rule 'library may not include' includes_beyond \([a-z]*\) '\(.*\)'/\1 \2/p" tests/style.sh | tr '|' ' ' |
    awk '{ for (i = 2; i <= NF; i++) if ($i != $1) print $1, $i }' | sort >"$work/allowed"
for folder in formats record replay analyze plots; do
    sed -n "s/^target_link_libraries(toktape_$folder PUBLIC \([^)]*\).*/\1/p" $folder/CMakeLists.txt | tr ' ' '\n' |
        sed -n "s/^toktape_\([a-z]*\)$/$folder \1/p" | grep -v ' options$' || :
done >"$work/direct"
awk 'NR == FNR { next_of[$1] = next_of[$1] " " $2; next }
    { n = split(next_of[$2], more); print; for (i = 1; i <= n; i++) print $1, more[i] }' "$work/direct" "$work/direct" |
    sort -u >"$work/linked"
[ "$(grep -c . "$work/told")" -ge 6 ] || { echo "the table of CONTRIBUTING.md is not found"; status=1; }
diff "$work/allowed" "$work/told" || { echo "CONTRIBUTING.md and tests/style.sh disagree"; status=1; }
diff "$work/linked" "$work/told" || { echo "CONTRIBUTING.md and the build disagree"; status=1; }
for file in $(sed -n 's/^| `\([a-z]*\/\)` |.*/\1/p' CONTRIBUTING.md); do
    [ -d "$file" ] || { echo "there is no $file"; status=1; }
done
exit $status
