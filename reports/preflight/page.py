"""The report as a page. Here: the view into the template. Not here: words (report.py), layout (templates/)."""

from reports.monthly.report import environment
from reports.preflight.report import Preflight, view


def page(report: Preflight) -> bytes:
    """One self-contained HTML page: no script, no link, no image outside it. The same report gives the same bytes."""
    return environment().get_template("preflight.html.j2").render(**view(report)).encode()
