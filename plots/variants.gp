# What changes if we change it? Each variant beside the scenario as written; p99 with its simulation interval.
# Data: variants.dat.
NAME = 'variants'; WIDTH = 860
load 'settings.gp'
HEIGHT = 120 + 34 * VARIANT_ROWS
load 'style.gp'
unset label 99
array TITLE[4] = [VARIANT_P99, 'fullest disk, %', 'busiest cpu, %', '$ a month']
array FIELD[4] = [2, 5, 6, 7]
set yrange [VARIANT_ROWS - 0.4:-0.6]
set xrange [0:*]
unset grid
set grid xtics linestyle 20
set ytics scale 0
unset key
set multiplot
shown(k) = (VARIANT_PANELS & (2 ** (k - 1))) != 0
COUNT = 0
do for [k = 1:4] { if (shown(k)) { COUNT = COUNT + 1 } }
# 7.2 pixels a character of the longest label
LEFT = 0.03 + (VARIANT_LABEL < 12 ? 12 : VARIANT_LABEL) * 7.2 / WIDTH; GAP = 0.03; EACH = (0.965 - LEFT + GAP) / COUNT
set tmargin at screen 1.0 - 34.0 / HEIGHT
set bmargin at screen 62.0 / HEIGHT
n = 0
do for [k = 1:4] {
    if (shown(k)) {
        set lmargin at screen LEFT + n * EACH
        set rmargin at screen LEFT + n * EACH + EACH - GAP
        set title TITLE[k] offset 0, -0.5 font ',12'
        set xtics 0, value('VARIANT_STEP_' . k) font ',11'
        n = n + 1
        if (n == COUNT) { @FOOT }
        c = FIELD[k]
        if (k == 1) {
            plot 'variants.dat' using ($2 / 2):1:(0):2:($1 - 0.3):($1 + 0.3):yticlabels(8) every ::1 with boxxyerror linecolor rgb COLOUR[k], \
                 '' using 2:1:3:4 every ::1 with xerrorbars linewidth 1.5 pointsize 0 linecolor rgb '#777777'
        } else {
            if (n == 1) {
                plot 'variants.dat' using (column(c) / 2):1:(0):(column(c)):($1 - 0.3):($1 + 0.3):yticlabels(8) every ::1 with boxxyerror linecolor rgb COLOUR[k]
            } else {
                set format y ''
                plot 'variants.dat' using (column(c) / 2):1:(0):(column(c)):($1 - 0.3):($1 + 0.3) every ::1 with boxxyerror linecolor rgb COLOUR[k]
            }
        }
    }
}
unset multiplot
