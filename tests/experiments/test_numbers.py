"""Numbers in tables and titles keep their thousands."""

import pytest

from experiments.numbers import told


@pytest.mark.parametrize(
    ("value", "plain", "signed"),
    [
        (1020, "1,020", "+1,020"), (1398.6, "1,400", "+1,400"), (2849, "2,850", "+2,850"), (999.6, "1,000", "+1,000"),
        (999.4, "999", "+999"), (0.01234, "0.0123", "+0.0123"), (-1131, "-1,130", "-1,130"), (0, "0", "+0"),
        (12345678, "12,300,000", "+12,300,000"), (float("nan"), "nan", "+nan"),
    ],
)  # fmt: skip
def test_three_digits_and_thousands(value, plain, signed):
    assert told(value) == plain and told(value, sign=True) == signed
