#!/bin/sh
# The page of HTML: one file, nothing from elsewhere, no script, names as text. Without gnuplot the same bytes everywhere.
mkdir bin
for tool in sed grep cat; do ln -s "$(command -v $tool)" bin/; done
cp "$TESTS/golden/demo.toktape" "$TESTS/golden/tools.toktape" .
# shellcheck disable=SC2016
name='<script>alert(1)</script>"x'"'"' &amp; <img src=http://x/ onerror=1>`touch run`'
PATH=$PWD/bin "$TOKTAPE" report --format html -o page.html --label "model=$name" demo.toktape tools.toktape
echo "exit $?"
sed '/<style>/d; s/by toktape [0-9.]*\. /by toktape VERSION. /' page.html
grep -c "default-src 'none'" page.html
# The style is the one that the policy names.
style=$(sed -n 's/.*<style>\(.*\)<\/style>.*/\1/p' page.html)
wanted=$(sed -n "s/.*style-src '\(sha256-[^']*\)'.*/\1/p" page.html)
[ "sha256-$(printf %s "$style" | openssl dgst -sha256 -binary | openssl base64)" = "$wanted" ] || echo "wrong digest"
if command -v gnuplot >/dev/null; then
    "$TOKTAPE" report --format html -o drawn.html --label "model=$name" demo.toktape || echo "exit $?"
    [ "$(grep -c '<svg' drawn.html)" = "$(grep -c '<title id=' drawn.html)" ] || echo "a picture has no title"
    [ "$(grep -c '<svg' drawn.html)" -ge 7 ] || echo "pictures are missing"
    sed 's/&lt;[^<]*//g' drawn.html >names_gone.html # what a name says is text
    grep -i -e '<script' -e '<img' -e '<link' -e '<iframe' -e '<object' -e ' style=' -e ' on[a-z]*=' -e 'url(' names_gone.html
    # Addresses are names of formats only, references stay in the page.
    grep -o 'https*:[^" <]*' names_gone.html | grep -v '^http://www.w3.org/' | sort -u
    grep -o "href=['\"][^#][^'\"]*" drawn.html
    # No two elements have the same id.
    grep -o " id=['\"][^'\"]*" drawn.html | tr "\"" "'" | sort | uniq -d
    rm drawn.html names_gone.html
fi
ls
