# Draw again with: gnuplot --default-settings timeline.gp
set terminal svg size 600,339 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'timeline.svg'
data = 'timeline.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.13433
set rmargin at screen 0.96533
set tmargin at screen 0.80251
set bmargin at screen 0.22683
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label '8 runs in 13 s' at screen 0.01950,0.93505 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label 'chain-dense · llamacpp b10587 · n = 1 repeat' at screen 0.01950,0.88035 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label 'toktape traces d8985e0f2402' at screen 0.01950,0.03955 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set multiplot
set xrange [-0.2354:12.7931] noextend
set format x ''
set key inside right top horizontal samplen 1.5 textcolor rgb text font ',10.4'
set object 1 rectangle from 0.0151, graph 0 to 0.3929, graph 1 behind fillstyle transparent solid 0.16 noborder fillcolor rgb '#D55E00'
set object 2 rectangle from 0.6288, graph 0 to 0.8631, graph 1 behind fillstyle transparent solid 0.16 noborder fillcolor rgb '#5AA9D6'
set object 3 rectangle from 1.0657, graph 0 to 1.3336, graph 1 behind fillstyle transparent solid 0.16 noborder fillcolor rgb '#D55E00'
set object 4 rectangle from 1.5416, graph 0 to 1.8084, graph 1 behind fillstyle transparent solid 0.16 noborder fillcolor rgb '#5AA9D6'
set object 5 rectangle from 1.9981, graph 0 to 2.2689, graph 1 behind fillstyle transparent solid 0.16 noborder fillcolor rgb '#D55E00'
set object 6 rectangle from 2.4893, graph 0 to 2.8519, graph 1 behind fillstyle transparent solid 0.16 noborder fillcolor rgb '#5AA9D6'
set object 7 rectangle from 3.0174, graph 0 to 12.0358, graph 1 behind fillstyle transparent solid 0.16 noborder fillcolor rgb '#D55E00'
set object 8 rectangle from 12.1938, graph 0 to 12.5426, graph 1 behind fillstyle transparent solid 0.16 noborder fillcolor rgb '#5AA9D6'
set label 1000 'cold' at 0.2040, graph 1 rotate by 90 left offset 0,0.4 font ',9.8' textcolor rgb muted noenhanced
set label 1001 'warm' at 0.7459, graph 1 rotate by 90 left offset 0,0.4 font ',9.8' textcolor rgb muted noenhanced
set label 1002 'prefix-test-1' at 1.1997, graph 1 rotate by 90 left offset 0,0.4 font ',9.8' textcolor rgb muted noenhanced
set label 1003 'prefix-test-2' at 1.6750, graph 1 rotate by 90 left offset 0,0.4 font ',9.8' textcolor rgb muted noenhanced
set label 1004 'prefix-test-3' at 2.1335, graph 1 rotate by 90 left offset 0,0.4 font ',9.8' textcolor rgb muted noenhanced
set label 1005 'cold-prefix' at 2.6706, graph 1 rotate by 90 left offset 0,0.4 font ',9.8' textcolor rgb muted noenhanced
set label 1006 'long-context' at 7.5266, graph 1 rotate by 90 left offset 0,0.4 font ',9.8' textcolor rgb muted noenhanced
set label 1007 'long-prefix' at 12.3682, graph 1 rotate by 90 left offset 0,0.4 font ',9.8' textcolor rgb muted noenhanced
set tmargin at screen 0.61187
set bmargin at screen 0.22683
set format x '%g'
set xlabel 'seconds' textcolor rgb muted offset 0,0.3
set ylabel 'memory, GiB' textcolor rgb muted
set ytics 0.05
set yrange [0:*]
set offsets 0, 0, graph 0.3, 0
plot data index 0 using 1:2 with lines linewidth 1.8 linecolor rgb '#0072B2' title 'resident (RSS)' noenhanced, \
     '' index 1 using 1:2 with lines linewidth 1.8 linecolor rgb '#D55E00' title 'anonymous part' noenhanced, \
     '' index 2 using 1:2 with lines linewidth 1.8 linecolor rgb '#009E73' title 'file-backed part' noenhanced
unset label
unset multiplot
