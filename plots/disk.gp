# When is the disk full? Space used on each disk over the horizon, with capacity and the shares that call for action.
# Data: disk.dat.
NAME = 'disk'; WIDTH = 860; HEIGHT = 430
load 'style.gp'
set xlabel 'day'
set ylabel 'used, ' . DISK_UNIT
set yrange [0:*]
set rmargin 12
if (DISK_CAPACITY > 0) {
    set yrange [0:1.06 * DISK_CAPACITY]
    do for [share in "80 85 95 100"] {
        y = DISK_CAPACITY * share / 100.0
        set arrow from graph 0, first y to graph 1, first y nohead linestyle 21 linewidth (share + 0 == 100 ? 2 : 1) dashtype (share + 0 == 100 ? 1 : 2)
        set label (share + 0 == 100 ? 'full' : share . ' %') at graph 1.01, first y left font ',11' textcolor rgb '#b2182b'
    }
}
plot for [i = 1:DISK_LINES] 'disk.dat' using 1:(column(i + 1)) with lines linestyle i title value('DISK_' . i)
