# Is it steady? Latency over the measured time: p50 as a line, bands from p50 to p95 and from p95 to p99.
# Data: over-time.dat, one block a panel.
NAME = 'over-time'; WIDTH = 860
load 'settings.gp'
HEIGHT = 120 + 190 * PANELS
load 'style.gp'
unset label 99
set yrange [0:*]
set key at screen 0.98, 0.995 right top horizontal noreverse Right samplen 2
array PANEL[4]
if (PANELS > 0) { PANEL[1] = PANEL_1 }
if (PANELS > 1) { PANEL[2] = PANEL_2 }
if (PANELS > 2) { PANEL[3] = PANEL_3 }
if (PANELS > 3) { PANEL[4] = PANEL_4 }
set multiplot
TOP = 1.0 - 20.0 / HEIGHT; BOTTOM = 70.0 / HEIGHT; STEP = (TOP - BOTTOM) / PANELS
set lmargin at screen 0.12; set rmargin at screen 0.98
do for [p = 1:PANELS] {
    set tmargin at screen TOP - (p - 1) * STEP - 22.0 / HEIGHT
    set bmargin at screen TOP - p * STEP + 16.0 / HEIGHT
    set label 1 PANEL[p] at graph 0, 1.09 left font ',13' noenhanced
    if (p == 2) { unset key }
    set ylabel 'ms'
    if (p == PANELS) { set xlabel 'time since measuring began, s'; set format x '%g'; @FOOT } else { set format x '' }
    plot 'over-time.dat' index p - 1 using 1:3:4 with filledcurves fillcolor rgb COLOUR[1] fillstyle transparent solid 0.18 title 'to p99', \
         '' index p - 1 using 1:2:3 with filledcurves fillcolor rgb COLOUR[1] fillstyle transparent solid 0.38 title 'to p95', \
         '' index p - 1 using 1:4 with lines linewidth 1 linecolor rgb COLOUR[1] dashtype 4 notitle, \
         '' index p - 1 using 1:2 with lines linestyle 1 title 'p50'
}
unset multiplot
