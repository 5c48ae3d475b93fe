"""The pre-flight report: what the bank is asked to do, what was held back and why. Start at report.py."""
