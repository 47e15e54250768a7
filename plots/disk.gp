# When is the disk full? Space used on the fullest disks over the horizon, with capacity and the shares that call for action.
# Data: disk.dat.
NAME = 'disk'; WIDTH = 860; HEIGHT = 430
load 'style.gp'
set xlabel DISK_DAY
set ylabel 'used, ' . DISK_UNIT
set yrange [0:DISK_TOP]
set rmargin 12
if (DISK_CAPACITY > 0) {
    do for [share in "80 85 95 100"] {
        level = DISK_CAPACITY * share / 100.0
        full = share eq "100"
        dash = full ? 1 : 2
        set arrow from graph 0, first level to graph 1, first level nohead linewidth 1.5 dashtype dash linecolor rgb '#b2182b'
        # Where the use goes far beyond the capacity there is room for two labels.
        words = full ? 'full' : (share eq "80" || DISK_CAPACITY > 0.8 * DISK_TOP) ? share . ' %' : ''
        set label words at graph 1.01, first level left offset 0, (full ? 0.35 : -0.1) font ',11' textcolor rgb '#b2182b'
    }
}
plot for [i = 1:DISK_LINES] 'disk.dat' using 1:(column(i + 1)) with lines linestyle i title value('DISK_' . i)
