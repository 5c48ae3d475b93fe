"""The certificate as a page for people.

Here: the certificate into the template. Not here: layout (templates/), adding up (equation.py).
"""

from datetime import date

from reports.certificate.signed import Certificate
from reports.letters.wareki import era_month
from reports.monthly.report import environment


def page(certificate: Certificate, public_key: str, sha256: str) -> bytes:
    """HTML with every equation and its numbers, the key, and the digest of the signed file."""
    month = era_month(date.fromisoformat(f"{certificate.month}-01"))
    template = environment().get_template("certificate.html.j2")
    return template.render(certificate=certificate, month=month, public_key=public_key, sha256=sha256).encode()
