#!/bin/sh
# mandoc has nothing to say against any page: neither errors nor warnings nor style. That pages which are not installed
# refer to each other, and that the footer names the version, is meant.
command -v mandoc >/dev/null || { echo "there is no mandoc here" >&2; exit 77; }
"$TOKTAPE" manual --all pages
mandoc -T lint pages/* 2>/dev/null | grep -v -e 'referenced manual not found' -e 'operating system explicitly specified'
printf '.Dd November 29, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Nd y\n.Foo\n' >wrong
mandoc -T lint wrong | grep -c 'unknown macro'
