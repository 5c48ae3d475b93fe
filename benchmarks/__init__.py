"""Seconds and peak memory of every stage of a month, beside a plain way to do the same work in the same run."""
