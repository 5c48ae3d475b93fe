"""The one root of the errors a clerk can do something about. Their text is Japanese and holds no value."""


class CityError(ValueError):
    """Something is wrong with a file, a table, the law or the money; the sentence says what and what to do."""
