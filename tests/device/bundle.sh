#!/bin/sh
# bundle.sh TOKTAPE FOLDER: the program with the shared libraries it needs, for a machine that lacks them.
# That machine wants the same processor and a C library as new as this one's; run FOLDER/toktape there.
set -eu
program=$1
folder=$2
mkdir -p "$folder/lib"
ldd "$program" | awk '$2 == "=>" { print $3 }' |
    grep -vE '/(ld-linux[^/]*|lib(c|m|dl|rt|pthread|resolv))\.so' | xargs -I{} cp -L {} "$folder/lib/"
cp "$program" "$folder/lib/toktape.bin"
# shellcheck disable=SC2016 # to be expanded there
printf '#!/bin/sh\nhere=$(dirname "$0")\nLD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec "$here/lib/toktape.bin" "$@"\n' \
    >"$folder/toktape"
chmod +x "$folder/toktape"
du -sh "$folder"
