"""高額療養費 and 附加給付: what counts, what may be expected, and which source decides. An estimate never pays."""
