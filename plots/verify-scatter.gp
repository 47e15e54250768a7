# How wrong are the predictions? Predicted against measured, one panel a quantity; bands of 10 % and 25 % around equality.
# Data: verify-scatter.dat; three blocks a panel: own rows, public cases blind, public cases anchored.
NAME = 'verify-scatter'; WIDTH = 980
load 'settings.gp'
COLUMNS = SCATTER_PANELS < 3 ? SCATTER_PANELS : 3
ROWS = (SCATTER_PANELS + COLUMNS - 1) / COLUMNS
HEIGHT = 60 + 322 * ROWS
load 'style.gp'
unset label 99
set logscale xy 10
set grid xtics ytics linestyle 20
set format '%.9g'
set xtics font ',10' offset 0, 0.3
set ytics font ',10'
set style fill transparent solid 0.25 noborder
set multiplot
unset key
# Of the first panel, at places of the page: a key would be as wide as its panel.
HEAD = 1.0 - 14.0 / HEIGHT
set label 1 'own rows' at screen 0.08, HEAD left offset 1.2, 0 point pointtype 7 pointsize 0.7 linecolor rgb COLOUR[1] font ',11'
set label 2 'public cases, blind' at screen 0.20, HEAD left offset 1.2, 0 point pointtype 4 pointsize 0.8 linecolor rgb COLOUR[2] font ',11'
set label 3 'public cases, anchored' at screen 0.38, HEAD left offset 1.2, 0 point pointtype 9 pointsize 0.9 linecolor rgb COLOUR[3] font ',11'
set label 4 'bands: 10 % and 25 %; lines: 90 % intervals, own rows' at screen 0.60, HEAD left font ',11' textcolor rgb '#777777'
LEFT = 84.0 / WIDTH; GAP = 62.0 / WIDTH; EACH = (1.0 - LEFT - 14.0 / WIDTH + GAP) / COLUMNS
TOP = 1.0 - 62.0 / HEIGHT; STEP = 322.0 / HEIGHT; TALL = 246.0 / HEIGHT
do for [k = 1:SCATTER_PANELS] {
    column_of = (k - 1) % COLUMNS; row_of = (k - 1) / COLUMNS
    set lmargin at screen LEFT + column_of * EACH
    set rmargin at screen LEFT + column_of * EACH + EACH - GAP
    set tmargin at screen TOP - row_of * STEP
    set bmargin at screen TOP - row_of * STEP - TALL
    first = 3 * (k - 1)
    LOW = value('SCATTER_LOW_' . k); HIGH = value('SCATTER_HIGH_' . k)
    set xrange [LOW:HIGH]; set yrange [LOW:HIGH]
    set title value('SCATTER_' . k) offset 0, -0.6 font ',12'
    set xlabel 'measured' offset 0, 0.7 font ',11'
    if (column_of == 0) { set ylabel 'predicted' offset 1, 0 font ',11' } else { unset ylabel }
    if (k == 2) { unset label 1; unset label 2; unset label 3; unset label 4 }
    if (k == SCATTER_PANELS) { @FOOT }
    set samples 2
    plot '+' using 1:($1 * 0.75):($1 * 1.25) with filledcurves linecolor rgb '#bbbbbb' notitle, \
         '+' using 1:($1 * 0.9):($1 * 1.1) with filledcurves linecolor rgb '#666666' notitle, \
         x with lines linewidth 1 linecolor rgb '#555555' notitle, \
         'verify-scatter.dat' index first using 1:2:3:4 with yerrorbars linewidth 0.5 pointsize 0 linecolor rgb '#b5d3e7' notitle, \
         '' index first using 1:2 with points pointtype 7 pointsize 0.45 linecolor rgb COLOUR[1] notitle, \
         '' index first + 1 using 1:2 with points pointtype 4 pointsize 0.6 linecolor rgb COLOUR[2] notitle, \
         '' index first + 2 using 1:2 with points pointtype 9 pointsize 0.7 linecolor rgb COLOUR[3] notitle
}
unset multiplot
unset key
# Of the first panel, at places of the page: a key would be as wide as its panel.
HEAD = 1.0 - 14.0 / HEIGHT
set label 1 'own rows' at screen 0.08, HEAD left offset 1.2, 0 point pointtype 7 pointsize 0.7 linecolor rgb COLOUR[1] font ',11'
set label 2 'public cases, blind' at screen 0.20, HEAD left offset 1.2, 0 point pointtype 4 pointsize 0.8 linecolor rgb COLOUR[2] font ',11'
set label 3 'public cases, anchored' at screen 0.38, HEAD left offset 1.2, 0 point pointtype 9 pointsize 0.9 linecolor rgb COLOUR[3] font ',11'
set label 4 'bands: 10 % and 25 %; lines: 90 % intervals, own rows' at screen 0.60, HEAD left font ',11' textcolor rgb '#777777'
