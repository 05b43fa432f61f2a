# Draw again with: gnuplot --default-settings leaderboard.gp
set terminal svg size 600,639 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'leaderboard.svg'
data = 'leaderboard.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.40497
set rmargin at screen 0.91333
set tmargin at screen 0.83826
set bmargin at screen 0.16001
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label 'Qwopus-35B · llamacpp b9430 ▲MTP decodes fastest: 123.3 tok/s' at screen 0.01950,0.96554 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label 'n = 5 repeats · synthetic' at screen 0.01950,0.93653 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label '' at screen 0.03033,0.90133 point pointtype 7 pointsize 0.56 linecolor rgb '#0072B2'
set label 'llamacpp' at screen 0.04658,0.90133 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.16767,0.90133 point pointtype 5 pointsize 0.56 linecolor rgb '#D55E00'
set label 'mlx-lm' at screen 0.18392,0.90133 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.28244,0.90133 point pointtype 13 pointsize 0.56 linecolor rgb '#B87A00'
set label 'rapid-mlx' at screen 0.29869,0.90133 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.42212,0.90133 point pointtype 11 pointsize 0.56 linecolor rgb '#C0619A'
set label 'omlx' at screen 0.43837,0.90133 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.51915,0.90133 point pointtype 9 pointsize 0.56 linecolor rgb '#009E73'
set label 'mlx_vlm' at screen 0.53540,0.90133 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.64934,0.90133 point pointtype 15 pointsize 0.56 linecolor rgb '#3E9BD0'
set label 'vllm-mlx' at screen 0.66559,0.90133 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.77951,0.90133 point pointtype 8 pointsize 0.56 linecolor rgb '#24292F'
set label 'peak' at screen 0.79576,0.90133 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.03033,0.87285 point pointtype 12 pointsize 0.56 linecolor rgb '#24292F'
set label 'at 50K context' at screen 0.04658,0.87285 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label 'toktape traces 165372c53e8d, 6642b300c44a, 4ed6849dfa2e, 971cc2ec70f2, 92ce7e8d22da, 59bb990ad544,' at screen 0.01950,0.06065 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label 'e523e4096437, 55d116c17c07, f3c08b3028b9, e1a1e4d59242, 0c9917599cc5, 632204e1d82c, d903c857dd9f,' at screen 0.01950,0.04082 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label '97c6df801810' at screen 0.01950,0.02098 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label '★ Tier 1' at screen 0.01950, first 0 left noenhanced font 'Helvetica,12.0' textcolor rgb muted
set label 'Qwopus-35B · llamacpp b9430 ▲MTP' at screen 0.39301, first 1 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-35B · llamacpp b9430 ▲MTP' at screen 0.39301, first 2 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwopus-35B · llamacpp b9430' at screen 0.39301, first 3 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-35B · llamacpp b9430' at screen 0.39301, first 4 right noenhanced font ',12.0' textcolor rgb text
set label '✓ Tier 2' at screen 0.01950, first 5 left noenhanced font 'Helvetica,12.0' textcolor rgb muted
set label 'Qwen-27B · llamacpp b9430 ▲MTP' at screen 0.39301, first 6 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwopus-27B · llamacpp b9430 ▲MTP' at screen 0.39301, first 7 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwopus-27B · llamacpp b9430' at screen 0.39301, first 8 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b9430' at screen 0.39301, first 9 right noenhanced font ',12.0' textcolor rgb text
set label '⚠ Tier 3' at screen 0.01950, first 10 left noenhanced font 'Helvetica,12.0' textcolor rgb muted
set label 'Qwopus-27B · mlx-lm 0.31.3' at screen 0.39301, first 11 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · rapid-mlx 0.6.71' at screen 0.39301, first 12 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · omlx 0.4.0' at screen 0.39301, first 13 right noenhanced font ',12.0' textcolor rgb text
set label '✗ Tier 4' at screen 0.01950, first 14 left noenhanced font 'Helvetica,12.0' textcolor rgb muted
set label 'Qwen-27B · mlx_vlm 0.6.0 ▲MTP' at screen 0.39301, first 15 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · mlx_vlm 0.6.0' at screen 0.39301, first 16 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · vllm-mlx 0.3.0' at screen 0.39301, first 17 right noenhanced font ',12.0' textcolor rgb text
set yrange [17.5:-0.6]
unset ytics
set border 1
set grid xtics noytics
set xlabel 'decode, tok/s (whiskers: standard deviation; pale: eliminated)' noenhanced offset screen -0.00000, character 0.3 textcolor rgb muted
set label '123.3' at graph 1, first 1 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '118.3' at graph 1, first 2 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '105.7' at graph 1, first 3 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '85.5' at graph 1, first 4 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '28.0' at graph 1, first 6 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '26.7' at graph 1, first 7 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '25.9' at graph 1, first 8 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '23.8' at graph 1, first 9 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '29.2' at graph 1, first 11 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '20.6' at graph 1, first 12 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '20.0' at graph 1, first 13 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '41.0' at graph 1, first 15 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#59636E'
set label '31.9' at graph 1, first 16 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#59636E'
set label '20.5' at graph 1, first 17 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#59636E'
set xrange [0:131.325]
set xtics 20
set style fill solid 1 noborder
pale(c, out) = out > 0 ? c + 0xA0000000 : c
plot data using ($3/2):1:($3/2):(0.32):(pale(ink($2), $7)) with boxxyerror linecolor rgb variable, \
     '' using ($4 > 0 ? $3 : NaN):1:4 with xerrorbars pointtype -1 linewidth 1.3 linecolor rgb text, \
     '' using 6:1 with points pointtype 8 pointsize 0.56 linecolor rgb text, \
     '' using 5:1 with points pointtype 13 pointsize 0.60 linecolor rgb '#FFFFFF', \
     '' using 5:1 with points pointtype 12 pointsize 0.60 linecolor rgb text
