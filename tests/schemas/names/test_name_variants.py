"""The list of 異体字: small, unambiguous, and said to be unconfirmed."""

import unicodedata

from schemas.names.variants import variants


def test_every_form_stands_for_one_character_that_stands_for_itself() -> None:
    standard = variants().standard
    assert all(len(form) == 1 and len(character) == 1 for form, character in standard.items())
    assert not set(standard) & set(standard.values())


def test_the_list_holds_only_what_unicode_does_not_unify_itself() -> None:
    assert all(unicodedata.normalize("NFKC", form) == form for form in variants().standard)


def test_the_list_says_where_it_comes_from_and_what_to_ask_the_city() -> None:
    found = variants()
    assert found.source
    assert not found.confirmed
    assert found.ask.endswith("。")
