# Does as much come out as goes in? Throughput of each producer and group over the measured time.
# Data: throughput.dat.
NAME = 'throughput'; WIDTH = 860; HEIGHT = 380
load 'style.gp'
set xlabel 'time since measuring began, s'
set ylabel THROUGHPUT_UNIT
set yrange [0:*]
plot for [i = 1:THROUGHPUT_LINES] 'throughput.dat' using 1:(column(i + 1)) with lines linestyle i title value('THROUGHPUT_' . i)
