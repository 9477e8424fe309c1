"""Numbers in tables and titles keep their thousands, and nouns agree with them."""

import pytest

from experiments.numbers import count, seeds_told, told


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


def test_nouns_agree_with_their_number():
    assert [count(n, "day") for n in (0, 1, 2, 1500)] == ["0 days", "1 day", "2 days", "1,500 days"]
    assert [count(n, "crisis", "crises") for n in (1, 2)] == ["1 crisis", "2 crises"]
    assert (seeds_told(3, 3), seeds_told(1, 20)) == ("seed 3", "seeds 1-20")
