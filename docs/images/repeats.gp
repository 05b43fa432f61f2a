# Draw again with: gnuplot --default-settings repeats.gp
set terminal svg size 600,368 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'repeats.svg'
data = 'repeats.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.39431
set rmargin at screen 0.72917
set tmargin at screen 0.76861
set bmargin at screen 0.24340
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label 'Repeats stay within ±4.3 % of the median decode rate' at screen 0.01950,0.94017 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label 'n = 5 repeats · synthetic' at screen 0.01950,0.88978 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label '' at screen 0.03033,0.82867 point pointtype 7 pointsize 0.56 linecolor rgb '#0072B2'
set label 'llamacpp' at screen 0.04658,0.82867 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label 'toktape traces 4c1d9a15d812, 781a8e3218da, aa83098e7999, dd16bd586691, 03baece82475, 25b78aa7dd40,' at screen 0.01950,0.07088 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label '90637d4af666, 588656dda0bf' at screen 0.01950,0.03644 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label 'Qwen-27B · llamacpp b10257 ▲MTP' at screen 0.38235, first 0 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b10587 ▲MTP' at screen 0.38235, first 1 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b9871 ▲MTP' at screen 0.38235, first 2 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b9430 ▲MTP' at screen 0.38235, first 3 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b10587' at screen 0.38235, first 4 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b9871' at screen 0.38235, first 5 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b10257' at screen 0.38235, first 6 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b9430' at screen 0.38235, first 7 right noenhanced font ',12.0' textcolor rgb text
set yrange [7.5:-0.6]
unset ytics
set border 1
set grid xtics noytics
set xlabel 'decode, % off the row’s median (bar: 95 % interval)' noenhanced offset screen -0.00000, character 0.3 textcolor rgb muted
set label '30.2  +0.02 %/repeat  n 5' at graph 1, first 0 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '30.1  −0.36 %/repeat  n 5' at graph 1, first 1 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '28.2  −0.34 %/repeat  n 5' at graph 1, first 2 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '27.7  +0.21 %/repeat  n 5' at graph 1, first 3 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '24.9  −0.02 %/repeat  n 5' at graph 1, first 4 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '23.9  +0.05 %/repeat  n 5' at graph 1, first 5 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '23.9  +0.02 %/repeat  n 5' at graph 1, first 6 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '23.4  +0.05 %/repeat  n 5' at graph 1, first 7 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set xrange [-4.966275:4.966275]
set xtics 5
set arrow from first 0, graph 0 to first 0, graph 1 nohead linecolor rgb muted back
set style fill solid 0.25 noborder
plot data index 1 using (0):1:3:(0.34):(ink($2)) with boxxyerror linecolor rgb variable, \
     '' index 0 using 3:1:(ink($2)) with points pointtype 7 pointsize 0.38 linecolor rgb variable
