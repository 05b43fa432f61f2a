# Draw again with: gnuplot --default-settings tradeoff.gp
set terminal svg size 600,588 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'tradeoff.svg'
data = 'tradeoff.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.12567
set rmargin at screen 0.96533
set tmargin at screen 0.81981
set bmargin at screen 0.37729
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label 'Qwopus-35B · llamacpp b9430 ▲MTP gives most tokens for its energy:' at screen 0.01950,0.96256 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label '1.59 t/s/W' at screen 0.01950,0.92718 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label '11 of 14 shown: the rest has no rate or no energy · n = 5 repeats · synthetic' at screen 0.01950,0.89565 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label '' at screen 0.03033,0.85740 point pointtype 7 pointsize 0.56 linecolor rgb '#0072B2'
set label 'llamacpp' at screen 0.04658,0.85740 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.16767,0.85740 point pointtype 5 pointsize 0.56 linecolor rgb '#D55E00'
set label 'mlx-lm' at screen 0.18392,0.85740 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.28244,0.85740 point pointtype 13 pointsize 0.56 linecolor rgb '#B87A00'
set label 'rapid-mlx' at screen 0.29869,0.85740 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.42212,0.85740 point pointtype 11 pointsize 0.56 linecolor rgb '#C0619A'
set label 'omlx' at screen 0.43837,0.85740 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.51915,0.85740 point pointtype 6 pointsize 0.56 linecolor rgb '#59636E'
set label 'size: peak memory, where known' at screen 0.53540,0.85740 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label 'toktape traces 165372c53e8d, 6642b300c44a, 4ed6849dfa2e, 971cc2ec70f2, 92ce7e8d22da, 59bb990ad544,' at screen 0.01950,0.06592 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label 'e523e4096437, 55d116c17c07, f3c08b3028b9, e1a1e4d59242, 0c9917599cc5, 632204e1d82c, d903c857dd9f,' at screen 0.01950,0.04436 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label '97c6df801810' at screen 0.01950,0.02280 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label '1  Qwopus-35B · llamacpp b9430 ▲MTP' at screen 0.01950,0.25458 left noenhanced font 'Helvetica,11.4' textcolor rgb text
set label '2  Qwen-35B · llamacpp b9430 ▲MTP' at screen 0.50000,0.25458 left noenhanced font 'Helvetica,11.4' textcolor rgb text
set label '3  Qwopus-35B · llamacpp b9430' at screen 0.01950,0.22584 left noenhanced font 'Helvetica,11.4' textcolor rgb text
set label '4  Qwen-35B · llamacpp b9430' at screen 0.50000,0.22584 left noenhanced font 'Helvetica,11.4' textcolor rgb text
set label '5  Qwen-27B · llamacpp b9430 ▲MTP' at screen 0.01950,0.19710 left noenhanced font 'Helvetica,11.4' textcolor rgb text
set label '6  Qwopus-27B · llamacpp b9430 ▲MTP' at screen 0.50000,0.19710 left noenhanced font 'Helvetica,11.4' textcolor rgb text
set label '7  Qwopus-27B · llamacpp b9430' at screen 0.01950,0.16836 left noenhanced font 'Helvetica,11.4' textcolor rgb text
set label '8  Qwen-27B · llamacpp b9430' at screen 0.50000,0.16836 left noenhanced font 'Helvetica,11.4' textcolor rgb text
set label '9  Qwopus-27B · mlx-lm 0.31.3' at screen 0.01950,0.13962 left noenhanced font 'Helvetica,11.4' textcolor rgb text
set label '10  Qwen-27B · rapid-mlx 0.6.71' at screen 0.50000,0.13962 left noenhanced font 'Helvetica,11.4' textcolor rgb text
set label '11  Qwen-27B · omlx 0.4.0' at screen 0.01950,0.11088 left noenhanced font 'Helvetica,11.4' textcolor rgb text
set xrange [0:138.096]
set yrange [0:1.8285]
set xlabel 'decode, tok/s' textcolor rgb muted
set ylabel 'tokens per joule (t/s/W)' textcolor rgb muted
plot data using 1:2:3:4 with xyerrorbars pointtype -1 linecolor rgb muted, \
     '' using 1:2:($10*0.169):(ink($6) + 0x50000000) with points pointtype 7 pointsize variable linecolor rgb variable, \
     '' using 1:2:($7-$1):($8-$2) with vectors nohead linewidth 0.6 linecolor rgb muted, \
     '' using 7:8:(sprintf(' %d ', $9)) with labels font ',11.0' textcolor rgb text
