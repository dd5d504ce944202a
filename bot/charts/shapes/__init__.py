"""One file per shape of `sop.summary.chart.Shape`, named as its value; exports `DRAW`."""
