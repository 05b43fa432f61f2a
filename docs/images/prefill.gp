# Draw again with: gnuplot --default-settings prefill.gp
set terminal svg size 600,433 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'prefill.svg'
data = 'prefill.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.14300
set rmargin at screen 0.87000
set tmargin at screen 0.77933
set bmargin at screen 0.17759
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label 'The first token takes 45.6 ms with 1 uncached token, 8.74 s with 63.6K' at screen 0.01950,0.94915 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label '8 runs · chain-dense · llamacpp b10587 · n = 1 repeat' at screen 0.01950,0.90633 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label '' at screen 0.03033,0.85439 point pointtype 7 pointsize 0.56 linecolor rgb '#0072B2'
set label 'llamacpp' at screen 0.04658,0.85439 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label 'toktape traces d8985e0f2402' at screen 0.01950,0.03097 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set arrow from 0.625,62.5 to 139.78977,13978.977 nohead back linewidth 1 linecolor rgb grid
set label '10 tok/s' at 139.78977,13978.977 right offset -0.3,0.55 font ',9.8' textcolor rgb muted
set arrow from 1.36816944,13.6816944 to 1397.8977,13978.977 nohead back linewidth 1 linecolor rgb grid
set label '100 tok/s' at 1397.8977,13978.977 right offset -0.3,0.55 font ',9.8' textcolor rgb muted
set arrow from 13.6816944,13.6816944 to 13978.977,13978.977 nohead back linewidth 1 linecolor rgb grid
set label '1K tok/s' at 13978.977,13978.977 right offset -0.3,0.55 font ',9.8' textcolor rgb muted
set arrow from 136.816944,13.6816944 to 101827.2,10182.72 nohead back linewidth 1 linecolor rgb grid
set label '10K tok/s' at 101827.2,10182.72 left offset 0.4,0 font ',9.8' textcolor rgb muted
set arrow from 1368.16944,13.6816944 to 101827.2,1018.272 nohead back linewidth 1 linecolor rgb grid
set label '100K tok/s' at 101827.2,1018.272 left offset 0.4,0 font ',9.8' textcolor rgb muted
set arrow from 13681.6944,13.6816944 to 101827.2,101.8272 nohead back linewidth 1 linecolor rgb grid
set label '1M tok/s' at 101827.2,101.8272 left offset 0.4,0 font ',9.8' textcolor rgb muted
set xtics (1, 10, 100, 1000, 10000, 100000)
set ytics (100, 1000, 10000)
set logscale xy
set format '%.10g'
set xrange [0.625:101827.2]
set yrange [13.6816944:13978.977]
set xlabel 'tokens that were not cached' textcolor rgb muted
set ylabel 'time to first token, ms' textcolor rgb muted
plot data using 1:2:(0.42):4:(ink($3)) with points pointsize variable pointtype variable linecolor rgb variable
