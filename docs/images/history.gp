# Draw again with: gnuplot --default-settings history.gp
set terminal svg size 600,456 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'history.svg'
data = 'history.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.12567
set rmargin at screen 0.96533
set tmargin at screen 0.76765
set bmargin at screen 0.19643
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label 'Qwen-27B · llamacpp ▲MTP: decode went from 27.69 to 30.09 tok/s' at screen 0.01950,0.95172 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label 'between b9430 and b10587' at screen 0.01950,0.90610 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label 'n = 5 · synthetic' at screen 0.01950,0.86544 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label '' at screen 0.03033,0.81612 point pointtype 7 pointsize 0.56 linecolor rgb '#0072B2'
set label 'Qwen-27B · llamacpp ▲MTP' at screen 0.04658,0.81612 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.35683,0.81612 point pointtype 5 pointsize 0.56 linecolor rgb '#0072B2'
set label 'Qwen-27B · llamacpp' at screen 0.37308,0.81612 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label 'toktape traces dd16bd586691, 588656dda0bf, aa83098e7999, 25b78aa7dd40, 4c1d9a15d812, 90637d4af666,' at screen 0.01950,0.05720 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label '781a8e3218da, 03baece82475' at screen 0.01950,0.02940 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set xtics scale 0.5 noenhanced ('b9430' 0, 'b9871' 1, 'b10257' 2, 'b10587' 3)
set xrange [-0.6:3.6]
set yrange [22.1904786:32.2216914]
set grid ytics noxtics
set xlabel 'version of the engine' textcolor rgb muted
set ylabel 'decode, tok/s (bars: 95 % interval)' noenhanced textcolor rgb muted
plot data index 0 using 1:2:3:(ink($4)) with yerrorbars pointtype -1 linewidth 1.3 linecolor rgb variable, \
     '' index 0 using 1:2:(ink($4)) with linespoints pointtype 7 pointsize 0.60 linewidth 1.6 linecolor rgb variable, \
     '' index 1 using 1:2:3:(ink($4)) with yerrorbars pointtype -1 linewidth 1.3 linecolor rgb variable, \
     '' index 1 using 1:2:(ink($4)) with linespoints pointtype 5 pointsize 0.60 linewidth 1.6 linecolor rgb variable
