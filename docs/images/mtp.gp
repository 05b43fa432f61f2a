# Draw again with: gnuplot --default-settings mtp.gp
set terminal svg size 600,271 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'mtp.svg'
data = 'mtp.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.39431
set rmargin at screen 0.69667
set tmargin at screen 0.68579
set bmargin at screen 0.33052
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label 'Speculative decoding changes decode by +17.6 % to +26.8 %' at screen 0.01950,0.91876 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label 'n = 5 repeats · synthetic' at screen 0.01950,0.85033 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label '' at screen 0.03033,0.76734 point pointtype 7 pointsize 0.56 linecolor rgb '#0072B2'
set label 'llamacpp' at screen 0.04658,0.76734 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.16767,0.76734 point pointtype 6 pointsize 0.56 linecolor rgb '#59636E'
set label 'without' at screen 0.18392,0.76734 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.28724,0.76734 point pointtype 7 pointsize 0.56 linecolor rgb '#24292F'
set label 'with drafts' at screen 0.30349,0.76734 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label 'toktape traces 4c1d9a15d812, 781a8e3218da, aa83098e7999, dd16bd586691, 03baece82475, 25b78aa7dd40,' at screen 0.01950,0.09625 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label '90637d4af666, 588656dda0bf' at screen 0.01950,0.04948 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label 'Qwen-27B · llamacpp b10257 ▲MTP' at screen 0.38235, first 0 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b10587 ▲MTP' at screen 0.38235, first 1 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b9871 ▲MTP' at screen 0.38235, first 2 right noenhanced font ',12.0' textcolor rgb text
set label 'Qwen-27B · llamacpp b9430 ▲MTP' at screen 0.38235, first 3 right noenhanced font ',12.0' textcolor rgb text
set yrange [3.5:-0.6]
unset ytics
set border 1
set grid xtics noytics
set xlabel 'decode, tok/s' noenhanced offset screen -0.00000, character 0.3 textcolor rgb muted
set label '+26.8 %  80 % acc.  2.4 tok/step' at graph 1, first 0 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '+20.7 %  80 % acc.  2.4 tok/step' at graph 1, first 1 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '+17.6 %  80 % acc.  2.4 tok/step' at graph 1, first 2 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '+18.3 %  80 % acc.  2.4 tok/step' at graph 1, first 3 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set xrange [0:31.75955]
set xtics 10
plot data using 3:1:($4-$3):(0):(ink($2)) with vectors nohead linewidth 3 linecolor rgb variable, \
     '' using 3:1 with points pointtype 6 pointsize 0.56 linewidth 1.5 linecolor rgb muted, \
     '' using 4:1:(ink($2)) with points pointtype 7 pointsize 0.65 linecolor rgb variable
