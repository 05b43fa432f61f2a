#!/bin/sh
# Every chart becomes a whole picture, in each size, theme and format, and again by hand, without a word from gnuplot.
command -v gnuplot >/dev/null || { echo "no gnuplot" >&2; exit 77; }
for profile in 05-qwen-27b-llamacpp-mtp 08-qwen-27b-llamacpp; do
    "$TOKTAPE" synth "$TESTS/page/$profile.json" -q -o "$profile.toktape" || exit
done
cp "$TESTS/golden/demo.toktape" "$TESTS/golden/tools.toktape" "$TESTS/golden/interrupted.toktape" .

# drawn FORMAT ARGUMENTS...: all pictures are there and whole
drawn() {
    format=$1
    shift
    rm -rf drawn
    "$TOKTAPE" plot "$@" -q -o drawn --format "$format" || echo "$*: exit $?"
    for script in drawn/*.gp; do
        picture=${script%.gp}.$format
        [ -s "$picture" ] || echo "$*: $picture is missing"
        [ "$format" = png ] && continue
        grep -q '</svg>' "$picture" || echo "$*: $picture is no whole picture"
        grep -qi 'nan\|[^a-z]inf' "$picture" && echo "$*: $picture has no numbers in places"
    done
}
drawn png --size slide demo.toktape
drawn png --theme dark ./*-*.toktape
drawn svg --size slide --theme dark ./*-*.toktape
drawn svg tools.toktape
drawn svg interrupted.toktape
drawn svg ./*-*.toktape
for script in drawn/*.gp; do
    picture=${script%.gp}.svg
    cp "$picture" first.svg
    (cd drawn && gnuplot --default-settings "${script##*/}") && cmp first.svg "$picture"
done 2>&1 | grep -v "iconv failed" # of the C locale
ls drawn/*.svg
