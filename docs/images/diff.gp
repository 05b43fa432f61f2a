# Draw again with: gnuplot --default-settings diff.gp
set terminal svg size 600,540 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'diff.svg'
data = 'diff.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.22263
set rmargin at screen 0.72917
set tmargin at screen 0.81222
set bmargin at screen 0.14240
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label 'Decode tok/s: faster, +4.47 % (95 %: +4.38…+4.56 %)' at screen 0.01950,0.95923 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label 'base: Qwen-27B · llamacpp b10257, n = 5 repeats · new: Qwen-27B · llamacpp b10587,' at screen 0.01950,0.92489 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label 'n = 5 repeats · one session each · synthetic' at screen 0.01950,0.89480 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label '' at screen 0.03033,0.85315 point pointtype 13 pointsize 0.56 linecolor rgb '#0072B2'
set label 'equivalent' at screen 0.04658,0.85315 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.17955,0.85315 point pointtype 9 pointsize 0.56 linecolor rgb '#007A5A'
set label 'better' at screen 0.19580,0.85315 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.28609,0.85315 point pointtype 11 pointsize 0.56 linecolor rgb '#B3261E'
set label 'worse' at screen 0.30234,0.85315 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.39497,0.85315 point pointtype 5 pointsize 0.56 linecolor rgb '#7A7F87'
set label 'margin ±2 %' at screen 0.41122,0.85315 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label 'toktape traces 90637d4af666, 03baece82475' at screen 0.01950,0.02483 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label 'decode tok/s' at screen 0.21067, first 0 right noenhanced font ',12.0' textcolor rgb text
set label 'cold' at screen 0.21067, first 1 right noenhanced font ',12.0' textcolor rgb muted
set label 'warm' at screen 0.21067, first 2 right noenhanced font ',12.0' textcolor rgb muted
set label 'prefix-test-1' at screen 0.21067, first 3 right noenhanced font ',12.0' textcolor rgb muted
set label 'prefix-test-2' at screen 0.21067, first 4 right noenhanced font ',12.0' textcolor rgb muted
set label 'prefix-test-3' at screen 0.21067, first 5 right noenhanced font ',12.0' textcolor rgb muted
set label 'cold-prefix' at screen 0.21067, first 6 right noenhanced font ',12.0' textcolor rgb muted
set label 'step ms ↓' at screen 0.21067, first 7 right noenhanced font ',12.0' textcolor rgb muted
set label 'tokens/step' at screen 0.21067, first 8 right noenhanced font ',12.0' textcolor rgb muted
set label 'SoC W ↓' at screen 0.21067, first 9 right noenhanced font ',12.0' textcolor rgb muted
set label '50K tok/s' at screen 0.21067, first 10 right noenhanced font ',12.0' textcolor rgb text
set label 'prefill tok/s' at screen 0.21067, first 11 right noenhanced font ',12.0' textcolor rgb text
set label 'cached TTFT ms ↓' at screen 0.21067, first 12 right noenhanced font ',12.0' textcolor rgb text
set label 'J/token ↓' at screen 0.21067, first 13 right noenhanced font ',12.0' textcolor rgb text
set label 'RAM GiB ↓' at screen 0.21067, first 14 right noenhanced font ',12.0' textcolor rgb text
set yrange [14.5:-0.6]
unset ytics
set border 1
set grid xtics noytics
set xlabel 'new against base, % (bars: 95 % interval; ↓: less is better)' noenhanced offset screen -0.00000, character 0.3 textcolor rgb muted
set label '+4.47 %  faster' at graph 1, first 0 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#007A5A'
set label '+4.36 %  faster' at graph 1, first 1 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#007A5A'
set label '+4.47 %  faster' at graph 1, first 2 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#007A5A'
set label '+4.54 %  faster' at graph 1, first 3 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#007A5A'
set label '+4.61 %  faster' at graph 1, first 4 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#007A5A'
set label '+4.47 %  faster' at graph 1, first 5 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#007A5A'
set label '+4.38 %  faster' at graph 1, first 6 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#007A5A'
set label '−4.21 %  faster' at graph 1, first 7 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#007A5A'
set label '0.00 %  equal' at graph 1, first 8 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#0072B2'
set label '−0.01 %  equivalent' at graph 1, first 9 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#0072B2'
set label '+3.99 %  faster' at graph 1, first 10 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#007A5A'
set label '−4.04 %  slower' at graph 1, first 11 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#B3261E'
set label '+4.73 %  slower' at graph 1, first 12 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#B3261E'
set label '−4.20 %  less' at graph 1, first 13 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#007A5A'
set label '0.00 %  equal' at graph 1, first 14 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#0072B2'
shades = '5858158 29362 31322 11740702 2369839'
shapes = '6 13 9 11 5'
shade(v) = int(real(word(shades, int(v) + 1)))
shape(v) = int(real(word(shapes, int(v) + 1)))
set xrange [-7.64453913:8.01486377]
set xtics 5 format '%+g'
set xtics add ('0' 0)
set object rectangle from first -2, graph 0 to first 2, graph 1 fillcolor rgb '#7A7F87' fillstyle transparent solid 0.2 noborder behind
set arrow from first 0, graph 0 to first 0, graph 1 nohead linecolor rgb muted back
# intervals; those that leave the axes end in an arrow
plot data using (valid(3) ? $2 : NaN):1:3:4:(shade($5)) with xerrorbars pointtype -1 linewidth 1.6 linecolor rgb variable, \
     '' using ($4 > 8.01486377 ? $2 : NaN):1:(8.01486377 - $2):(0):(shade($5)) with vectors filled head linewidth 1.6 linecolor rgb variable, \
     '' using ($3 < -7.64453913 ? $2 : NaN):1:(-7.64453913 - $2):(0):(shade($5)) with vectors filled head linewidth 1.6 linecolor rgb variable, \
     '' using 2:1:(shape($5)):(shade($5)) with points pointtype variable pointsize 0.65 linewidth 1.6 linecolor rgb variable
