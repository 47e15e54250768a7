# How wrong are the predictions? Predicted against measured, one panel a quantity; bands of 10 % and 25 % around equality.
# Data: verify-scatter.dat; three blocks a panel: own rows, public cases blind, public cases anchored.
NAME = 'verify-scatter'; WIDTH = 980
load 'settings.gp'
COLUMNS = SCATTER_PANELS < 3 ? SCATTER_PANELS : 3
ROWS = (SCATTER_PANELS + COLUMNS - 1) / COLUMNS
HEIGHT = 110 + 330 * ROWS
load 'style.gp'
unset label 99
set logscale xy 10
set grid xtics ytics linestyle 20
set format '%.9g'
set xtics rotate by -35 font ',10'
set ytics font ',10'
set style fill transparent solid 0.25 noborder
set multiplot
LEFT = 66.0 / WIDTH; GAP = 62.0 / WIDTH; EACH = (1.0 - LEFT - 14.0 / WIDTH + GAP) / COLUMNS
TOP = 1.0 - 62.0 / HEIGHT; STEP = 330.0 / HEIGHT; TALL = 246.0 / HEIGHT
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
    set xlabel 'measured' offset 0, 0.4 font ',11'
    if (column_of == 0) { set ylabel 'predicted' font ',11' } else { unset ylabel }
    if (k == 1) { set key at screen 0.99, 1.0 - 12.0 / HEIGHT right top horizontal noreverse Right samplen 1.5 font ',11' } else { unset key }
    if (k == SCATTER_PANELS) { @FOOT }
    set samples 2
    plot '+' using 1:($1 * 0.75):($1 * 1.25) with filledcurves linecolor rgb '#bbbbbb' title 'within 25 %', \
         '+' using 1:($1 * 0.9):($1 * 1.1) with filledcurves linecolor rgb '#666666' title '10 %', \
         x with lines linewidth 1 linecolor rgb '#555555' notitle, \
         'verify-scatter.dat' index first using 1:2:3:4 with yerrorbars linewidth 0.7 pointsize 0 linecolor rgb '#8ab8d8' notitle, \
         '' index first using 1:2 with points pointtype 7 pointsize 0.45 linecolor rgb COLOUR[1] title 'own rows', \
         '' index first + 1 using 1:2 with points pointtype 4 pointsize 0.6 linecolor rgb COLOUR[2] title 'public, blind', \
         '' index first + 2 using 1:2 with points pointtype 9 pointsize 0.7 linecolor rgb COLOUR[3] title 'public, anchored'
}
unset multiplot
