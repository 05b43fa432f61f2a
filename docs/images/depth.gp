# Draw again with: gnuplot --default-settings depth.gp
set terminal svg size 600,511 noenhanced font 'Helvetica,13.0' background rgb '#FFFFFF'
set output 'depth.svg'
data = 'depth.dat'
# ink(n): the colour of the engine with that number in the data
inks = '29362 13983232 40563 12607898 12089856 4103120 3351176 2369839 9075968 8921685 8028039'
ink(n) = int(real(word(inks, int(n) + 1)))
text = '#24292F'; muted = '#59636E'; grid = '#DEE2E6'
set lmargin at screen 0.12567
set rmargin at screen 0.96533
set tmargin at screen 0.68581
set bmargin at screen 0.17528
set encoding utf8
set border 3 linecolor rgb muted
set tics nomirror scale 0.5 textcolor rgb text
set grid linetype 1 linecolor rgb grid linewidth 0.7
set key noautotitle
unset key
set label 'Qwen-27B · llamacpp b10257 ▲MTP: decode falls from 30.7 to' at screen 0.01950,0.95691 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label '27.6 tok/s between 8.45K and 60.7K tokens of context' at screen 0.01950,0.91621 left noenhanced font 'Helvetica,16.6' textcolor rgb '#24292F'
set label 'n = 5 repeats · synthetic' at screen 0.01950,0.87992 left noenhanced font 'Helvetica,13.0' textcolor rgb '#59636E'
set label '' at screen 0.03033,0.83591 point pointtype 7 pointsize 0.56 linecolor rgb '#0072B2'
set label 'Qwen-27B · llamacpp b10257 ▲MTP' at screen 0.04658,0.83591 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.43392,0.83591 point pointtype 5 pointsize 0.56 linecolor rgb '#0072B2'
set label 'Qwen-27B · llamacpp b10587 ▲MTP' at screen 0.45017,0.83591 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.03033,0.80029 point pointtype 9 pointsize 0.56 linecolor rgb '#0072B2'
set label 'Qwen-27B · llamacpp b9871 ▲MTP' at screen 0.04658,0.80029 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.42206,0.80029 point pointtype 11 pointsize 0.56 linecolor rgb '#0072B2'
set label 'Qwen-27B · llamacpp b9430 ▲MTP' at screen 0.43831,0.80029 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.03033,0.76468 point pointtype 13 pointsize 0.56 linecolor rgb '#0072B2'
set label 'Qwen-27B · llamacpp b10587' at screen 0.04658,0.76468 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.37016,0.76468 point pointtype 15 pointsize 0.56 linecolor rgb '#0072B2'
set label 'Qwen-27B · llamacpp b9871' at screen 0.38641,0.76468 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.03033,0.72906 point pointtype 6 pointsize 0.56 linecolor rgb '#0072B2'
set label 'Qwen-27B · llamacpp b10257' at screen 0.04658,0.72906 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label '' at screen 0.37016,0.72906 point pointtype 4 pointsize 0.56 linecolor rgb '#0072B2'
set label 'Qwen-27B · llamacpp b9430' at screen 0.38641,0.72906 left noenhanced font 'Helvetica,12.0' textcolor rgb '#24292F'
set label 'toktape traces 4c1d9a15d812, 781a8e3218da, aa83098e7999, dd16bd586691, 03baece82475, 25b78aa7dd40,' at screen 0.01950,0.05104 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set label '90637d4af666, 588656dda0bf' at screen 0.01950,0.02624 left noenhanced font 'Helvetica,10.1' textcolor rgb '#59636E'
set xtics ('0' 0, '10K' 10000, '20K' 20000, '30K' 30000, '40K' 40000, '50K' 50000, '60K' 60000)
set xrange [0:63098.88]
set yrange [0:34.6191762]
set xlabel 'tokens of context' textcolor rgb muted
set ylabel 'decode, tok/s' textcolor rgb muted
plot for [i=0:14:2] data index i using 1:2:(ink($3) + 0xA0000000) with points pointtype 7 pointsize 0.21 linecolor rgb variable, \
     for [i=1:15:2] '' index i using 1:2:5:(ink($3)) with linespoints pointtype variable pointsize 0.56 linewidth 1.6 linecolor rgb variable
