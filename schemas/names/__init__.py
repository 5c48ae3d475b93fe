"""How names are written: which characters count as the same one."""
