# Do consumers catch up? What each group has still to read over the horizon: the most in each interval.
# Data: horizon-lag.dat.
NAME = 'horizon-lag'; WIDTH = 860; HEIGHT = 340
load 'style.gp'
set xlabel 'day'
set ylabel 'largest lag, ' . HORIZON_LAG_UNIT
set yrange [0:*]
set format y '%.9g'
plot for [i = 1:HORIZON_LAG_LINES] 'horizon-lag.dat' using 1:(column(i + 1)) with lines linestyle i title value('HORIZON_LAG_' . i)
