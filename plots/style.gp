# Shared by all figures: where they go, how lines look. Edit and run `gnuplot NAME.gp` in this folder to restyle.
# FORMAT is svg unless `gnuplot -e "FORMAT='png'" NAME.gp` says otherwise; NAME, WIDTH and HEIGHT come from the figure.
if (!exists("FORMAT")) FORMAT = 'svg'
load 'settings.gp'
if (!exists("SHOWN")) SHOWN = '' # "8 of 20 shown.  "
if (FORMAT eq 'png') {
    set terminal pngcairo size WIDTH, HEIGHT noenhanced font 'sans,11' background '#ffffff'
} else {
    set terminal svg size WIDTH, HEIGHT dynamic noenhanced font 'sans-serif,13'
}
set output NAME . '.' . FORMAT
set encoding utf8
set datafile separator "\t"
set datafile missing '?'
set macros

# Okabe and Ito's colours: told apart with any colour vision. Dashes differ too, for paper.
array COLOUR[8] = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#555555', '#b2182b']
array DASH[8]   = [1, 2, 4, 5, 3, 6, 7, 8]
do for [i = 1:8] { set style line i linewidth 2 linecolor rgb COLOUR[i] dashtype DASH[i] pointtype i + 3 pointsize 0.6 }
set style line 20 linewidth 1   linecolor rgb '#999999' dashtype 3   # grid
set style line 21 linewidth 1.5 linecolor rgb '#b2182b' dashtype 2   # limits

set border 3 linecolor rgb '#777777'
set tics nomirror out scale 0.5
set grid ytics linestyle 20
set style fill solid 0.85 noborder
set key above left horizontal reverse Left samplen 2.5 width 1
set tmargin -1 # as many rows as the key takes
set bmargin 5.2
FOOT = 'set label 99 SHOWN . FOOTER at screen 0.99, character 0.7 right font ",10" textcolor rgb "#777777"'
@FOOT
