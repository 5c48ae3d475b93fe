"""The monthly report: one city, one month, one HTML page."""
