# How slow are the slowest? Latency by percentile, each nine as wide as the one before.
# Data: latency.dat. First block: curves; then one block a curve with the intervals of p50, p95, p99, p99.9.
# Bars without a point: the table has the mean of the replications' percentiles, the curve that of all their messages.
NAME = 'latency'; WIDTH = 860; HEIGHT = 430
load 'style.gp'
set logscale x 10
set xrange [1:LATENCY_TAIL_MAX]
if (LATENCY_LOG) { set logscale y 10; set yrange [*:*] } else { set yrange [0:*] }
set xtics ('0 %%' 1, '50 %%' 2, '90 %%' 10, '99 %%' 100, '99.9 %%' 1e3, '99.99 %%' 1e4, '99.999 %%' 1e5, '99.9999 %%' 1e6)
set grid xtics ytics linestyle 20
set xlabel 'share of the messages that are at least as fast; bars: intervals of the table'
set ylabel 'latency, ms'
plot for [i = 1:LATENCY_CURVES] 'latency.dat' index 0 using 2:(column(i + 2)) with lines linestyle i title value('LATENCY_' . i), \
     for [i = 1:LATENCY_CURVES] 'latency.dat' index i using 2:4:(0):($5 - $4) every ::1 with vectors heads size graph 0.006, 90 linestyle i dashtype 1 linewidth 1.5 notitle
