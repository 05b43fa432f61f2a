# Draw again with: gnuplot --default-settings turn.gp
set terminal svg size 600,355 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'turn.svg'
data = 'turn.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.15890
set rmargin at screen 0.89167
set tmargin at screen 0.76014
set bmargin at screen 0.21661
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label '16 % of the time goes into decode' at screen 0.01950,0.93798 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label 'chain-dense · llamacpp b10587 · n = 1 repeat' at screen 0.01950,0.88575 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label '' at screen 0.03033,0.82239 point pointtype 5 pointsize 0.56 linecolor rgb '#7A7F87'
set label 'queue, as far as told' at screen 0.04658,0.82239 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.27559,0.82239 point pointtype 5 pointsize 0.56 linecolor rgb '#D55E00'
set label 'prefill, to the first token' at screen 0.29184,0.82239 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.54216,0.82239 point pointtype 5 pointsize 0.56 linecolor rgb '#0072B2'
set label 'decode' at screen 0.55841,0.82239 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label 'toktape traces d8985e0f2402' at screen 0.01950,0.03777 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label 'cold' at screen 0.14694, first 0 right noenhanced font ',12.0' textcolor rgb text
set label 'warm' at screen 0.14694, first 1 right noenhanced font ',12.0' textcolor rgb text
set label 'prefix-test-1' at screen 0.14694, first 2 right noenhanced font ',12.0' textcolor rgb text
set label 'prefix-test-2' at screen 0.14694, first 3 right noenhanced font ',12.0' textcolor rgb text
set label 'prefix-test-3' at screen 0.14694, first 4 right noenhanced font ',12.0' textcolor rgb text
set label 'cold-prefix' at screen 0.14694, first 5 right noenhanced font ',12.0' textcolor rgb text
set label 'long-context' at screen 0.14694, first 6 right noenhanced font ',12.0' textcolor rgb text
set label 'long-prefix' at screen 0.14694, first 7 right noenhanced font ',12.0' textcolor rgb text
set yrange [7.5:-0.6]
unset ytics
set border 1
set grid xtics noytics
set xlabel 'seconds (medians)' noenhanced offset screen -0.00000, character 0.3 textcolor rgb muted
set label '0.38 s' at graph 1, first 0 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '0.23 s' at graph 1, first 1 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '0.27 s' at graph 1, first 2 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '0.27 s' at graph 1, first 3 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '0.27 s' at graph 1, first 4 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '0.36 s' at graph 1, first 5 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '9.02 s' at graph 1, first 6 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set label '0.35 s' at graph 1, first 7 left offset 0.6,0 noenhanced font ',11.2' textcolor rgb '#24292F'
set xrange [0:9.19686406]
set xtics 2
set style fill solid 1 noborder
plot data using (0+$3/2):1:($3/2):(0.34) with boxxyerror linecolor rgb '#7A7F87', \
     '' using ($3+$4/2):1:($4/2):(0.34) with boxxyerror linecolor rgb '#D55E00', \
     '' using (($3+$4)+$5/2):1:($5/2):(0.34) with boxxyerror linecolor rgb '#0072B2'
