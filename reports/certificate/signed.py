"""The certificate as bytes: canonical JSON, signed with Ed25519, read and added up again.

Belongs here: the bytes, the signature, the verification. Does not belong here: the equations of a month
(assets/certificate), the key (resources/keys). Needs neither Polars nor Dagster.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from reports.certificate.equation import Equation, Term
from schemas.errors import CityError

FORM = "kodomo-certificate/1"


class CertificateError(CityError):
    """A file that is no certificate, is signed by another, was changed, or does not add up."""


@dataclass(frozen=True)
class Certificate:
    """What a certificate says."""

    municipality: str
    month: str
    equations: tuple[Equation, ...]


def public_text(key: Ed25519PublicKey) -> str:
    """A public key as 64 hexadecimal digits."""
    return key.public_bytes_raw().hex()


def signed(certificate: Certificate, key: Ed25519PrivateKey) -> bytes:
    """The file of a certificate; the same certificate and key make the same bytes."""
    told = _told(certificate)
    envelope = {
        "certificate": told,
        "public_key": public_text(key.public_key()),
        "signature": key.sign(_canonical(told)).hex(),
    }
    return _canonical(envelope) + b"\n"


def signed_once(certificate: Certificate, keys: Sequence[Ed25519PrivateKey], before: bytes) -> bytes:
    """The file `before` where one of `keys` signed just this certificate; else a new one, signed with the first."""
    made = [signed(certificate, key) for key in keys]
    return before if before in made else made[0]


def signer(data: bytes) -> str:
    """The public key that a file of `signed` names."""
    return str(json.loads(data)["public_key"])


def verified(data: bytes, public_key: str | None = None) -> Certificate:
    """The certificate in a file whose signature holds and whose every equation adds up again.

    Without `public_key` the one in the file is taken, which proves only that the file is whole. Raises
    CertificateError.
    """
    try:
        envelope = json.loads(data)
        told, named, signature = envelope["certificate"], envelope["public_key"], bytes.fromhex(envelope["signature"])
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key or named))
    except (ValueError, KeyError, TypeError):
        raise CertificateError("証明書の形式ではないか、公開鍵が64桁の16進数ではありません。") from None
    try:
        key.verify(signature, _canonical(told))
    except InvalidSignature:
        raise CertificateError("署名が合いません。書き換えられたか、別の鍵で署名されています。") from None
    return _added_up(told)


def _added_up(told: Any) -> Certificate:
    try:
        if told["form"] != FORM:
            raise CertificateError("この版では読めない証明書です。")
        found = Certificate(told["municipality"], told["month"], tuple(_equation(each) for each in told["equations"]))
    except (ValueError, KeyError, TypeError):
        raise CertificateError("署名は合いますが、証明書の中身が読めません。") from None
    if _told(found) != told:
        raise CertificateError("署名は合いますが、合計が内訳の和と違います。")
    for equation in found.equations:
        broken = equation.broken()
        if broken:
            raise CertificateError(
                f"{equation.name}({equation.label})が成り立ちません: {broken[0][0]} ほか計{len(broken)}件"
            )
    if not found.equations:
        raise CertificateError("等式が1つもない証明書です。")
    return found


def _equation(told: Any) -> Equation:
    return Equation(told["name"], told["label"], _terms(told["left"]), _terms(told["right"]))


def _terms(told: Any) -> tuple[Term, ...]:
    return tuple(Term(each["label"], tuple((str(k), int(r), int(y)) for k, r, y in each["entries"])) for each in told)


def _told(certificate: Certificate) -> dict[str, Any]:
    return {
        "form": FORM,
        "municipality": certificate.municipality,
        "month": certificate.month,
        "equations": [
            {
                "name": equation.name,
                "label": equation.label,
                "left": _told_terms(equation.left),
                "right": _told_terms(equation.right),
                "residual_rows": equation.residual_rows,
                "residual_yen": equation.residual_yen,
            }
            for equation in certificate.equations
        ],
    }


def _told_terms(terms: Sequence[Term]) -> list[dict[str, Any]]:
    return [
        {"label": term.label, "rows": term.rows, "yen": term.yen, "entries": [list(entry) for entry in term.entries]}
        for term in terms
    ]


def _canonical(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def lines(certificate: Certificate) -> list[str]:
    """Each equation with its numbers, one a line."""
    return [
        f"{each.label}: {_side(each.left)} = {_side(each.right)} (残差 {each.residual_rows}件 {each.residual_yen}円)"
        for each in certificate.equations
    ]


def _side(terms: Sequence[Term]) -> str:
    return " + ".join(f"{term.label} {term.rows:,}件 {term.yen:,}円" for term in terms)
