# Draw again with: gnuplot --default-settings ttft.gp
set terminal svg size 600,566 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'ttft.svg'
data = 'ttft.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.40497
set rmargin at screen 0.96533
set tmargin at screen 0.77721
set bmargin at screen 0.18064
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label '8 of 14 answer a warm prompt within 500 ms' at screen 0.01950,0.96110 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label 'n = 5 repeats · synthetic' at screen 0.01950,0.92834 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label '' at screen 0.03033,0.88860 point pointtype 7 pointsize 0.56 linecolor rgb '#D55E00'
set label 'warm' at screen 0.04658,0.88860 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.13446,0.88860 point pointtype 5 pointsize 0.56 linecolor rgb '#009E73'
set label 'known prefix' at screen 0.15071,0.88860 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.30618,0.88860 point pointtype 9 pointsize 0.56 linecolor rgb '#0072B2'
set label 'cold' at screen 0.32243,0.88860 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.39730,0.88860 point pointtype 13 pointsize 0.56 linecolor rgb '#B8578F'
set label 'long context, cold' at screen 0.41355,0.88860 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label 'toktape traces 165372c53e8d, 6642b300c44a, 4ed6849dfa2e, 971cc2ec70f2, 92ce7e8d22da, 59bb990ad544,' at screen 0.01950,0.06848 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label 'e523e4096437, 55d116c17c07, f3c08b3028b9, e1a1e4d59242, 0c9917599cc5, 632204e1d82c, d903c857dd9f,' at screen 0.01950,0.04608 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label '97c6df801810' at screen 0.01950,0.02369 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set arrow from first 3000, graph 0 to first 3000, graph 1 nohead dashtype 2 linewidth 1.2 linecolor rgb '#B3261E'
set label 'out > 3000 ms' at first 3000, graph 1 right offset -0.3,0.4 font ',10.4' textcolor rgb '#B3261E'
set arrow from first 1500, graph 0 to first 1500, graph 1 nohead dashtype 2 linewidth 1.2 linecolor rgb '#9A6700'
set label 'reserve > 1500 ms' at first 1500, graph 1 right offset -0.3,1.4 font ',10.4' textcolor rgb '#9A6700'
set arrow from first 500, graph 0 to first 500, graph 1 nohead dashtype 2 linewidth 1.2 linecolor rgb '#9A6700'
set label 'reserve > 500 ms' at first 500, graph 1 right offset -0.3,2.3 font ',10.4' textcolor rgb '#9A6700'
set label 'Qwopus-35B · llamacpp b9430 ▲MTP' at screen 0.39301, first 0 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-35B · llamacpp b9430 ▲MTP' at screen 0.39301, first 1 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwopus-35B · llamacpp b9430' at screen 0.39301, first 2 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-35B · llamacpp b9430' at screen 0.39301, first 3 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b9430 ▲MTP' at screen 0.39301, first 4 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwopus-27B · llamacpp b9430 ▲MTP' at screen 0.39301, first 5 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwopus-27B · llamacpp b9430' at screen 0.39301, first 6 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b9430' at screen 0.39301, first 7 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwopus-27B · mlx-lm 0.31.3' at screen 0.39301, first 8 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · rapid-mlx 0.6.71' at screen 0.39301, first 9 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · omlx 0.4.0' at screen 0.39301, first 10 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · mlx_vlm 0.6.0 ▲MTP' at screen 0.39301, first 11 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · mlx_vlm 0.6.0' at screen 0.39301, first 12 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · vllm-mlx 0.3.0' at screen 0.39301, first 13 right noenhanced font ',12.0' textcolor rgb text
set yrange [13.5:-0.6]
unset ytics
set border 1
set grid xtics noytics
set xlabel 'time to first token, ms (median, logarithmic)' noenhanced offset screen -0.00000, character 0.3 textcolor rgb muted
set logscale x
set format x '%.10g'
set xtics (1, 10, 100, 1000, 10000)
set xrange [0.125:17928.32]
plot data using 3:1 with points pointtype 13 pointsize 0.65 linecolor rgb '#B8578F', \
     '' using 4:1 with points pointtype 9 pointsize 0.65 linecolor rgb '#0072B2', \
     '' using 5:1 with points pointtype 5 pointsize 0.65 linecolor rgb '#009E73', \
     '' using 6:1 with points pointtype 7 pointsize 0.65 linecolor rgb '#D55E00'
