"""All rules together."""

from ....lsp.trimming import Around, trim


def test_a_closer_that_is_there_goes() -> None:
    assert trim("x)", Around("print(", ")\n", "python")) == "x"
