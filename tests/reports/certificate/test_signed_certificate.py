"""A signed certificate: the same bytes again, and nothing in it can be changed."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.certificate.__main__ import main
from reports.certificate.equation import Equation, Term
from reports.certificate.signed import (
    Certificate,
    CertificateError,
    public_text,
    signed,
    signed_once,
    signer,
    verified,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
PUBLIC = public_text(KEY.public_key())


def certificate(paid: int = 700) -> Certificate:
    left = Term("請求", (("a", 1, 700), ("b", 1, 300)))
    right = (Term("支給", (("a", 1, paid),)), Term("保留", (("b", 1, 300),)))
    return Certificate("112038", "2026-10", (Equation("outcomes", "請求 = 支給 + 保留", (left,), right),))


def test_the_same_certificate_is_the_same_bytes() -> None:
    assert signed(certificate(), KEY) == signed(certificate(), KEY)
    assert verified(signed(certificate(), KEY), PUBLIC) == certificate()


def test_another_key_does_not_verify() -> None:
    with pytest.raises(CertificateError, match="署名が合いません"):
        verified(signed(certificate(), OTHER), PUBLIC)
    assert verified(signed(certificate(), OTHER)) == certificate()


def test_a_certificate_that_one_of_our_keys_signed_already_stays_as_it_is() -> None:
    before = signed(certificate(), OTHER)
    assert signed_once(certificate(), [KEY, OTHER], before) == before
    assert signer(before) == public_text(OTHER.public_key())


@pytest.mark.parametrize(
    "before", [b"", signed(certificate(), OTHER), signed(certificate(699), KEY), signed(certificate(), KEY)[:-2]]
)
def test_any_other_file_gives_way_to_one_signed_with_the_key_of_today(before: bytes) -> None:
    data = signed_once(certificate(), [KEY], before)
    assert (data, signer(data)) == (signed(certificate(), KEY), PUBLIC)


def test_every_changed_number_breaks_the_signature() -> None:
    data = signed(certificate(), KEY)
    for at, byte in enumerate(data):
        if chr(byte).isdigit() and at < data.index(b'"public_key"'):
            wrong = data[:at] + (b"5" if byte != ord("5") else b"6") + data[at + 1 :]
            with pytest.raises(CertificateError):
                verified(wrong, PUBLIC)


def test_a_signed_certificate_that_does_not_add_up_is_refused_by_equation_and_row() -> None:
    with pytest.raises(CertificateError, match=r"outcomes.+a ほか計1件"):
        verified(signed(certificate(paid=699), KEY), PUBLIC)


def test_two_rows_exchanged_break_an_equation_whose_totals_agree() -> None:
    left, right = Term("左", (("a", 1, 700), ("b", 1, 300))), Term("右", (("a", 1, 300), ("b", 1, 700)))
    equation = Equation("swapped", "左 = 右", (left,), (right,))
    assert (equation.residual_rows, equation.residual_yen) == (0, 0)
    assert equation.broken() == [("a", 0, 400), ("b", 0, -400)]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"certificate":{},"public_key":1,"signature":""}', b"\xff"])
def test_what_is_no_certificate_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(CertificateError, match="証明書の形式ではない"):
        verified(data)


def test_a_total_that_is_not_the_sum_of_its_rows_is_refused_even_when_signed() -> None:
    told = json.loads(signed(certificate(), KEY))["certificate"]
    told["equations"][0]["left"][0]["yen"] = 999
    content = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    envelope = {"certificate": told, "public_key": PUBLIC, "signature": KEY.sign(content).hex()}
    with pytest.raises(CertificateError, match="内訳の和と違います"):
        verified(json.dumps(envelope).encode(), PUBLIC)


def test_the_reader_ends_with_a_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(signed(certificate(), KEY))
    assert main([str(path), PUBLIC]) == 0
    assert "請求 2件 1,000円 = 支給 1件 700円 + 保留 1件 300円" in capsys.readouterr().out
    path.write_bytes(signed(certificate(), OTHER))
    assert (main([str(path), PUBLIC]), main([])) == (1, 2)
