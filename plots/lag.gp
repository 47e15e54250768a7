# Do consumers keep up? What each group has still to read, over the measured time.
# Data: lag.dat.
NAME = 'lag'; WIDTH = 860; HEIGHT = 340
load 'style.gp'
set xlabel 'time since measuring began, s'
set ylabel 'lag, ' . LAG_UNIT
set yrange [0:*]
set format y '%.9g'
plot for [i = 1:LAG_LINES] 'lag.dat' using 1:(column(i + 1)) with lines linestyle i title value('LAG_' . i)
