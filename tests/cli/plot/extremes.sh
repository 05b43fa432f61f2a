#!/bin/sh
# Charts of what is hardly there: answers of one token, runs without an answer, an engine that tells more cached tokens than
# it could have, runs that are short in a long recording.
mkdir bin
printf '#!/bin/sh\n' >bin/gnuplot
chmod +x bin/gnuplot
PATH=$PWD/bin:$PATH
profile=$TESTS/page/08-qwen-27b-llamacpp.json
jq 'del(.synth.phases) | .answer_tokens = 2' "$profile" >profile.json
"$TOKTAPE" synth profile.json --runs 1 -q -o one-token.toktape || exit
jq '.model = "Broken" | .synth.defects = [{"fault": "cut:500"}]' "$profile" >profile.json
"$TOKTAPE" synth profile.json --runs 2 -q -o broken.toktape || exit
"$TOKTAPE" synth "$profile" --runs 2 -q -o whole.toktape || exit
"$TOKTAPE" plot one-token.toktape -q -o one --chart tokens || exit
grep -e 'tokens arrive' -e '^set [xy]tics' -e '^set [xy]range' one/tokens.gp
"$TOKTAPE" plot whole.toktape -q -o whole --chart tokens --chart prefill || exit
grep -h -e 'tokens arrive' -e '^set xlabel' -e '^set [xy]range' -e 'first token takes' whole/*.gp
"$TOKTAPE" plot broken.toktape whole.toktape -q -o two --chart repeats || exit
grep "at graph 1" two/repeats.gp
# The engine that does not tell what was cached has no dots, and no place in the legend.
"$TOKTAPE" synth "$TESTS/page/10-qwen-27b-rapid-mlx.json" --runs 1 -q -o untold.toktape || exit
"$TOKTAPE" plot untold.toktape whole.toktape -q -o told --chart prefill || exit
grep -e "'llamacpp'" -e "'rapid-mlx'" told/prefill.gp
"$TOKTAPE" plot "$TESTS/golden/burst.toktape" -q -o burst --chart cache || exit
sed -n "/^set label '\(above\|[0-9]* %\)/p; /^plot/,\$p" burst/cache.gp
"$TOKTAPE" plot "$TESTS/golden/captures.toktape" -q -o captures --chart timeline || exit
grep -m 4 -e '^set object' -e ' rotate by 90' -e 'runs in' captures/timeline.gp
