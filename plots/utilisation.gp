# What binds first? The busiest instance of each resource: now, with what must be survived, and the limit that verdicts use.
# Data: utilisation.dat. Threads are drawn busy (Kafka reports them idle).
NAME = 'utilisation'; WIDTH = 860
load 'settings.gp'
HEIGHT = 150 + 34 * RESOURCES
load 'style.gp'
set yrange [RESOURCES - 0.4:-0.6]
set xrange [0:RESOURCE_MAX]
set xlabel 'busy or full, %'
set ytics scale 0
unset grid
set grid xtics linestyle 20
plot 'utilisation.dat' using ($2 / 2):1:(0):2:($1 - 0.3):($1 + 0.3):yticlabels(5) every ::1 with boxxyerror linecolor rgb COLOUR[1] title 'now', \
     RESOURCE_SURVIVE ? 'utilisation.dat' : '/dev/null' using 3:1 every ::1 with points pointtype 13 pointsize 1.3 linecolor rgb COLOUR[2] title RESOURCE_SURVIVE ? 'after the loss' : '', \
     'utilisation.dat' using 4:($1 - 0.42):(0):(0.84) every ::1 with vectors nohead linewidth 3 linecolor rgb '#b2182b' title 'limit'
