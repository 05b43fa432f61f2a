# Draw again with: gnuplot --default-settings tokens.gp
set terminal svg size 600,499 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'tokens.svg'
data = 'tokens.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.12567
set rmargin at screen 0.96533
set tmargin at screen 0.83327
set bmargin at screen 0.15410
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label '346 tokens arrive in 234 ms, the typical gap is 0.569 ms' at screen 0.01950,0.95588 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label 'warm, repeat 1 · 346 reads with tokens, one token each · chain-dense · llamacpp b10587 ·' at screen 0.01950,0.91872 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label 'n = 1 repeat' at screen 0.01950,0.88615 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label 'toktape traces d8985e0f2402' at screen 0.01950,0.02687 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set multiplot
set bmargin at screen 0.48718
set xrange [0:243.583615]
set xtics 50
set yrange [0:366.76]
set ytics 100
set ylabel 'tokens so far' textcolor rgb muted
set xlabel 'ms after the request was sent' offset 0,0.4 textcolor rgb muted
plot data index 0 using ($1/1):2 with fillsteps fillstyle transparent solid 0.2 linecolor rgb '#0072B2', \
     '' index 0 using ($1/1):2 with steps linewidth 1.6 linecolor rgb '#0072B2'
unset label
set tmargin at screen 0.36734
set bmargin at screen 0.15410
set logscale x
set format x '%.4g'
set xtics (0.2, 0.5, 1)
set xrange [0.146827324:1.99836]
set yrange [0:63.9130435]
set ytics 0,20,100
set ylabel 'share, %'
set xlabel 'gap between reads, ms — p50 0.569, p90 0.777, p99 1.25 (logarithmic)'
set arrow from first 0.568539, graph 0 to first 0.568539, graph 0.98 nohead linewidth 1 dashtype 2 linecolor rgb text
set label 'p50' at first 0.568539, graph 0.98 left offset 0.4,-0.4 font ',10.4' textcolor rgb text
set arrow from first 0.7774146, graph 0 to first 0.7774146, graph 0.83 nohead linewidth 1 dashtype 2 linecolor rgb text
set label 'p90' at first 0.7774146, graph 0.83 right offset -0.4,-0.4 font ',10.4' textcolor rgb text
set arrow from first 1.25078272, graph 0 to first 1.25078272, graph 0.68 nohead linewidth 1 dashtype 2 linecolor rgb text
set label 'p99' at first 1.25078272, graph 0.68 right offset -0.4,-0.4 font ',10.4' textcolor rgb text
set style fill solid 0.8 noborder
plot data index 1 using (($1+$2)/2):($3/2):1:2:(0):3 with boxxyerror linecolor rgb '#D55E00'
unset multiplot
