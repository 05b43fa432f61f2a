#!/bin/sh
# A browser shows the page without a complaint, and asks for nothing but the page itself.
command -v chromium >/dev/null || { echo "no chromium" >&2; exit 77; }
"$TOKTAPE" report --format html -o page.html "$TESTS/golden/demo.toktape" "$TESTS/golden/tools.toktape" || exit
HOME=$PWD chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --enable-logging=stderr --v=0 \
    --log-net-log="$PWD/net.json" --window-size=360,2000 --screenshot="$PWD/page.png" "file://$PWD/page.html" 2>log ||
    { cat log >&2; exit 1; }
[ -s page.png ] || echo "no picture of the page"
grep CONSOLE log
# Other addresses in its log are what the browser itself looks for at its maker's.
grep -o '"url":"[^"]*"' net.json | sort -u | grep -v -e '"file:' -e 'google' -e 'gvt1' -e 'chrome' -e '"data:'
exit 0
