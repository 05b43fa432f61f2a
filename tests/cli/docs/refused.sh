#!/bin/sh
# What is wrong with a page is said with its line, and the page stays as it was.
# shellcheck disable=SC1091
. "$TESTS/cli/docs/common"
refused() {
    printf '# A page\n\n%s\n' "$1" >wrong.md
    cp wrong.md before.md
    "$TOKTAPE" docs wrong.md --traces archive 2>&1
    echo "exit $?"
    cmp wrong.md before.md
}
end='<!-- /toktape -->'
refused "<!-- toktape:tiers block=\"Test machine\" -->$end"
refused "<!-- toktape:tiers -->$end"
refused "<!-- toktape:tiers block=\"Test machine 16 GB · Q4\" titles=\"tiny\" -->$end"
refused "<!-- toktape:value expr=\"value(*, ttft_ms)\" -->$end"
refused "<!-- toktape:value expr=\"value(Other, ttft_ms)\" -->$end"
refused "<!-- toktape:value expr=\"value(*MTP, ttft)\" -->$end"
refused "<!-- toktape:value expr=\"mean(*MTP, ttft_ms)\" -->$end"
refused "<!-- toktape:value expr=\"ratio(*MTP, ttft_ms)\" -->$end"
refused "<!-- toktape:value expr=\"value(,)\" -->$end"
refused "<!-- toktape:value expr=\"value(*MTP, ttft_ms)\" -->"
refused "<!-- toktape:value expr=\"value(*MTP, ttft_ms)\" --><!-- toktape:value expr=\"x\" -->$end"
refused "<!-- toktape:chart -->$end"
refused "<!-- toktape:tiers"
"$TOKTAPE" docs page.md 2>&1
echo "exit $?"
mkdir empty
"$TOKTAPE" docs page.md --traces empty 2>&1
echo "exit $?"
"$TOKTAPE" docs page.md --traces nowhere 2>&1
echo "exit $?"
"$TOKTAPE" docs nowhere.md --traces archive 2>&1
echo "exit $?"
