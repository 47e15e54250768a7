# Where does produce time go? Mean time by part, from the intended send time to the answer. Means, because only means add up.
# Data: parts.dat, one block a part.
NAME = 'parts'; WIDTH = 860
load 'settings.gp'
HEIGHT = 210 + 42 * PART_ROWS # of a key, gnuplot draws as many rows as fit beside one bar: three do
load 'style.gp'
array PART[12]
do for [i = 1:PARTS < 12 ? PARTS : 12] { PART[i] = value('PART_' . i) }
set yrange [PART_ROWS - 0.4:-0.6]
set xrange [0:*]
set xlabel 'mean time, ms'
set ytics scale 0
unset grid
set grid xtics linestyle 20
set key at screen 0.01, 1.0 - 8.0 / HEIGHT left top vertical samplen 1.2 maxrows 3 # beside long names the plot is narrow
set tmargin 5
set style fill solid 0.9 border rgb '#ffffff'
plot for [i = 1:PARTS < 12 ? PARTS : 12] 'parts.dat' index i - 1 using (($2 + $3) / 2):1:2:3:($1 - 0.32):($1 + 0.32):yticlabels(4) every ::1 \
     with boxxyerror linecolor rgb COLOUR[1 + (i - 1) % 8] title PART[i]
