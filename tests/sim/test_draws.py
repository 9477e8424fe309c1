"""The counter-based draws against a statistical battery, and the counts made from them against scipy.

All draws are fixed by their coordinates, so these tests give the same answer every time. Bounds are those of a test at
about one in 10,000 (|z| < 4), where many numbers are tested together about one in a million (|z| < 5).
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

AXES = {"seed": 0, "day": 1, "purpose": 2, "who": 3, "k": 4}
BASE = np.array([2025, 7, 5, 11, 0], dtype=np.int64)
N = 200_000
LOWEST = 1e-4  # p-values of single tests lie above
MASK = 2**64 - 1


def along(entries, axis, n=N, step=1, base=BASE):
    stride = np.zeros(5, dtype=np.int64)
    stride[AXES[axis]] = step
    out = np.empty(n)
    entries.draws(out, np.asarray(base, dtype=np.int64), stride)
    return out


def at(entries, seed, day, purpose, who, k):
    out = np.empty(len(np.broadcast(seed, day, purpose, who, k).ravel() if np.ndim(who) == 0 else who))
    shape = out.shape
    ints = [np.broadcast_to(np.asarray(x, dtype=np.int64), shape).copy() for x in (seed, day, purpose, k)]
    whos = np.broadcast_to(np.asarray(who, dtype=np.uint64), shape).copy()
    entries.draws_of(out, ints[0], ints[1], ints[2], whos, ints[3])
    return out


def bits_of(u):
    return np.floor(u * 2.0**52).astype(np.uint64)


# --- uniformity and independence ---------------------------------------------------------------


@pytest.mark.parametrize("axis", AXES)
def test_draws_are_uniform_along_every_axis(entries, axis):
    u = along(entries, axis)
    assert u.min() > 0.0 and u.max() < 1.0
    assert stats.chisquare(np.bincount((u * 1000).astype(int), minlength=1000)).pvalue > LOWEST
    assert stats.kstest(u, "uniform").pvalue > LOWEST


@pytest.mark.parametrize("axis", AXES)
def test_neighbours_along_every_axis_are_uncorrelated(entries, axis):
    u = along(entries, axis) - 0.5
    for lag in (1, 2, 3, 7, 64):
        r = np.mean(u[lag:] * u[:-lag]) * 12.0
        assert abs(r) * np.sqrt(len(u) - lag) < 4.0, (axis, lag)


@pytest.mark.parametrize("axis", AXES)
def test_pairs_of_neighbours_fill_the_square(entries, axis):
    u = along(entries, axis)
    cells = (u[::2] * 40).astype(int) * 40 + (u[1::2] * 40).astype(int)
    assert stats.chisquare(np.bincount(cells, minlength=1600)).pvalue > LOWEST


@pytest.mark.parametrize("other", ["seed", "day", "purpose", "k"])
def test_the_same_things_draw_apart_on_another_axis(entries, other):
    """Another seed, day, purpose or k gives the same identities fresh luck."""
    moved = BASE.copy()
    moved[AXES[other]] += 1
    one, two = along(entries, "who"), along(entries, "who", base=moved)
    assert abs(np.corrcoef(one, two)[0, 1]) * np.sqrt(N) < 4.0
    cells = (one * 40).astype(int) * 40 + (two * 40).astype(int)
    assert stats.chisquare(np.bincount(cells, minlength=1600)).pvalue > LOWEST


def test_large_steps_along_an_axis_are_as_good_as_small_ones(entries):
    """Steps of powers of two, where weak mixing shows: identities are hashes, but tests of people are not."""
    for step in (2, 256, 2**16, 2**31, 2**40, 2**52):
        u = along(entries, "who", n=20_000, step=step)
        assert stats.kstest(u, "uniform").pvalue > LOWEST, step
        assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) * np.sqrt(len(u)) < 4.0, step


def test_runs_up_and_gaps_have_the_expected_lengths(entries):
    """A Wald-Wolfowitz run count about the median, and gaps between visits to [0, 0.1): geometric."""
    u = along(entries, "who")
    above = u > 0.5
    runs = 1 + np.count_nonzero(above[1:] != above[:-1])
    assert abs(runs - N / 2) / np.sqrt(N / 4) < 4.0
    gaps = np.diff(np.flatnonzero(u < 0.1))
    counts = np.bincount(np.minimum(gaps, 40), minlength=41)[1:]
    chance = 0.1 * 0.9 ** np.arange(39)
    expected = np.append(chance, 0.9**39) * len(gaps)
    assert stats.chisquare(counts, expected).pvalue > LOWEST


# --- bits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", AXES)
def test_every_bit_is_set_half_the_time_and_no_two_move_together(entries, axis):
    bits = bits_of(along(entries, axis, n=20_000))
    table = ((bits[:, None] >> np.arange(52, dtype=np.uint64)) & np.uint64(1)).astype(float) - 0.5
    assert np.abs(table.sum(axis=0)).max() < 5.0 * np.sqrt(len(bits)) / 2.0
    together = table.T @ table * 4.0 / np.sqrt(len(bits))
    np.fill_diagonal(together, 0.0)
    assert np.abs(together).max() < 5.0


@pytest.mark.parametrize(("field", "width"), [("seed", 62), ("day", 16), ("purpose", 6), ("who", 64), ("k", 20)])
def test_avalanche_one_flipped_bit_flips_half_of_the_draw(entries, field, width):
    rng = np.random.default_rng(5)
    n = 1500
    points = {
        "seed": rng.integers(0, 2**62, n), "day": rng.integers(0, 2**16, n), "purpose": rng.integers(0, 64, n),
        "who": rng.integers(0, 2**64, n, dtype=np.uint64), "k": rng.integers(0, 2**20, n),
    }  # fmt: skip
    before = bits_of(at(entries, **points))
    for b in range(width):
        flipped = dict(points)
        flipped[field] = points[field] ^ points[field].dtype.type(1 << b)
        changed = before ^ bits_of(at(entries, **flipped))
        table = ((changed[:, None] >> np.arange(52, dtype=np.uint64)) & np.uint64(1)).astype(float)
        assert abs(table.mean() - 0.5) * 2.0 * np.sqrt(table.size) < 5.0, (field, b)
        assert np.abs(table.mean(axis=0) - 0.5).max() * 2.0 * np.sqrt(n) < 5.0, (field, b)


def test_birthday_spacings(entries):
    """Marsaglia's test: 1,024 birthdays in a year of 2^25 days; equal spacings are Poisson with mean 8 in each year."""
    years, people = 200, 1024
    u = along(entries, "who", n=years * people).reshape(years, people)
    birthdays = np.sort((u * 2.0**25).astype(np.int64), axis=1)
    spacings = np.sort(np.diff(birthdays, axis=1), axis=1)
    equal = (np.diff(spacings, axis=1) == 0).sum(axis=1)
    expected = people**3 / (4.0 * 2.0**25)
    assert abs(equal.sum() - years * expected) / np.sqrt(years * expected) < 4.0
    assert 0.6 < equal.var() / expected < 1.5


def test_draws_of_a_large_run_do_not_repeat(entries):
    assert len(np.unique(along(entries, "who", n=1_000_000))) == 1_000_000


def _unmix(z):
    """The inverse of the splitmix64 finaliser, in whole numbers."""
    for shift, factor in ((31, 0x94D049BB133111EB), (27, 0xBF58476D1CE4E5B9)):
        x = z
        for _ in range(64 // shift + 1):
            x = z ^ (x >> shift)
        z = (x * pow(factor, -1, 2**64)) & MASK
    x = z
    for _ in range(3):
        x = z ^ (x >> 30)
    return x


@pytest.mark.parametrize("hashed", [0, 1, MASK - 1, MASK])
def test_the_extreme_hashes_stay_inside_the_open_interval(entries, hashed):
    """Key chosen so that the hash is the smallest or the largest: a draw of 1 would make the quantiles infinite."""
    u = entries.draw_with_key(np.uint64(_unmix(_unmix(hashed))), 0, np.uint64(0), 0)
    assert 0.0 < u < 1.0
    assert (u < 1e-15) == (hashed < 2) and (u > 1 - 1e-15) == (hashed > 1)
    out = np.empty(1)
    entries.normals(out, np.array([u]))
    assert np.isfinite(out[0])


# --- identities ----------------------------------------------------------------------------------


def test_children_never_share_an_identity(entries):
    """Two thousand parents (small numbers and hashes) on 30 days, eight children each: 480,000 identities."""
    rng = np.random.default_rng(1)
    parents = np.concatenate((np.arange(1000), rng.integers(0, 2**63, 1000))).astype(np.uint64)
    grid = np.meshgrid(parents, np.arange(30), np.arange(8), indexing="ij")
    out = np.empty(grid[0].size, np.uint64)
    entries.children(out, grid[0].ravel(), grid[1].ravel().astype(np.int64), grid[2].ravel().astype(np.int64))
    assert len(np.unique(out)) == out.size


def test_pairs_are_ordered_and_a_pair_of_one_thing_with_itself_is_its_own(entries):
    a, b = (x.ravel().astype(np.uint64) for x in np.meshgrid(np.arange(600), np.arange(600)))
    out = np.empty(a.size, np.uint64)
    entries.pairs(out, a, b)
    assert len(np.unique(out)) == out.size  # with XOR all (a, a) would be one, and (a, b) would be (b, a)


def test_every_identity_has_one_weekday_and_the_week_is_evenly_filled(entries):
    who = np.random.default_rng(3).integers(0, 2**64, 7000, dtype=np.uint64)
    out = np.empty((len(who), 28), np.int64)
    entries.weekdays(out, who, 100)
    assert (out.reshape(len(who), 4, 7).sum(axis=2) == 1).all()
    assert stats.chisquare(out[:, :7].sum(axis=0)).pvalue > LOWEST


# --- counts --------------------------------------------------------------------------------------

GRID = np.concatenate(
    ([1e-15, 1e-12, 1e-9, 1e-6, 1e-4], np.linspace(0.001, 0.999, 401), 1.0 - 10.0 ** -np.arange(4.0, 13.0))
)
TOP = 1.0 - 2.0**-53  # the largest draw there is


def poisson_of(entries, mean, u):
    u = np.atleast_1d(np.asarray(u, dtype=float))
    out = np.empty(len(u), np.int64)
    entries.poissons(out, np.broadcast_to(np.asarray(mean, dtype=float), u.shape).copy(), u)
    return out


def binomial_of(entries, n, p, u):
    u = np.atleast_1d(np.asarray(u, dtype=float))
    out = np.empty(len(u), np.int64)
    entries.binomials(out, np.full(len(u), n, np.int64), np.full(len(u), float(p)), u)
    return out


@pytest.mark.parametrize("mean", [1e-12, 0.003, 0.5, 1.0, 3.7, 12.0, 29.99, 30.0])
def test_poisson_counts_are_the_exact_quantiles_up_to_a_mean_of_30(entries, mean):
    assert (poisson_of(entries, mean, GRID) == stats.poisson.ppf(GRID, mean)).all()


@pytest.mark.parametrize("mean", [30.01, 75.0, 400.0, 25_000.0])
def test_poisson_counts_beyond_are_within_one_of_the_quantile(entries, mean):
    u = GRID[(GRID > 1e-5) & (GRID < 1 - 1e-5)]
    assert np.abs(poisson_of(entries, mean, u) - stats.poisson.ppf(u, mean)).max() <= 1
    far = np.abs(poisson_of(entries, mean, GRID) - stats.poisson.ppf(GRID, mean))
    assert far.max() <= 2 + 0.02 * np.sqrt(mean)  # the outermost of 10^15 draws


@pytest.mark.parametrize(("n", "p"), [(1, 0.3), (10, 0.5), (150, 0.15), (3000, 0.009), (40, 0.95), (10**6, 2.9e-5)])
def test_binomial_counts_are_the_exact_quantiles_where_few_succeed_or_fail(entries, n, p):
    got = binomial_of(entries, n, p, GRID)
    want = stats.binom.ppf(GRID, n, p)
    # above one half failures are counted, from 1 - u: at the edges of steps the two may round apart
    assert np.abs(got - want).max() <= (0 if p <= 0.5 else 1)
    assert np.mean(got != want) < 0.01


@pytest.mark.parametrize(("n", "p"), [(3000, 0.5), (3000, 0.51), (100, 0.4), (5000, 0.9), (10**6, 0.25), (400, 0.08)])
def test_binomial_counts_beyond_are_within_one_of_the_quantile(entries, n, p):
    """The trap: naive inversion starts from (1 - p)^n, which underflows, and then counts to n."""
    u = GRID[(GRID > 1e-5) & (GRID < 1 - 1e-5)]
    assert np.abs(binomial_of(entries, n, p, u) - stats.binom.ppf(u, n, p)).max() <= 1
    far = np.abs(binomial_of(entries, n, p, GRID) - stats.binom.ppf(GRID, n, p))
    assert far.max() <= 3 + 0.02 * np.sqrt(n * p * (1 - p))  # the outermost of 10^15 draws


def test_the_largest_draw_does_not_run_to_the_end(entries):
    """Summed terms end a rounding error below 1, where inversion without an end would count on to n."""
    assert poisson_of(entries, 3.0, TOP)[0] < 40
    assert binomial_of(entries, 100_000, 1e-4, TOP)[0] < 60
    assert poisson_of(entries, 20.0, TOP)[0] == pytest.approx(stats.poisson.ppf(TOP, 20.0), abs=3)


def test_counts_without_any_doubt(entries):
    u = np.array([1e-15, 0.5, TOP])
    assert (poisson_of(entries, 0.0, u) == 0).all() and (poisson_of(entries, -1.0, u) == 0).all()
    assert (binomial_of(entries, 0, 0.5, u) == 0).all() and (binomial_of(entries, -3, 0.5, u) == 0).all()
    assert (binomial_of(entries, 17, 0.0, u) == 0).all() and (binomial_of(entries, 17, -0.1, u) == 0).all()
    assert (binomial_of(entries, 17, 1.0, u) == 17).all() and (binomial_of(entries, 17, 1.5, u) == 17).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 5000), st.floats(0, 1))
def test_binomial_counts_rise_with_the_draw_and_stay_within_n(entries, n, p):
    got = binomial_of(entries, n, p, np.linspace(0.0005, 0.9995, 500))
    assert (np.diff(got) >= 0).all() and got.min() >= 0 and got.max() <= n


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.floats(0, 2000))
def test_poisson_counts_rise_with_the_draw(entries, mean):
    got = poisson_of(entries, mean, np.linspace(0.0005, 0.9995, 500))
    assert (np.diff(got) >= 0).all() and got.min() >= 0


def test_with_one_draw_a_slightly_larger_mean_gives_a_close_count(entries):
    """Paired differences stay small: no jump but by one, the change of method at 30 included."""
    means = np.linspace(25.0, 35.0, 1001)
    for u in (0.01, 0.2, 0.5, 0.77, 0.99):
        steps = np.diff(poisson_of(entries, means, np.full(means.shape, u)))
        assert np.abs(steps).max() <= 1 and steps.min() >= (-1 if u in (0.01, 0.99) else 0)


def test_counts_made_from_the_draws_have_the_right_distribution(entries):
    u = along(entries, "who", n=60_000)
    got = np.minimum(poisson_of(entries, 2.5, u), 12)
    expected = np.append(stats.poisson.pmf(np.arange(12), 2.5), stats.poisson.sf(11, 2.5)) * len(u)
    assert stats.chisquare(np.bincount(got, minlength=13), expected).pvalue > LOWEST
    got = binomial_of(entries, 8, 0.35, u)
    assert (
        stats.chisquare(np.bincount(got, minlength=9), stats.binom.pmf(np.arange(9), 8, 0.35) * len(u)).pvalue > LOWEST
    )


# --- the normal quantile -------------------------------------------------------------------------


def test_normal_quantile_has_the_accuracy_that_it_claims(entries):
    u = np.concatenate((10.0 ** -np.linspace(1.6, 300, 500), np.linspace(0.0001, 0.9999, 5001), [0.02425, 0.97575]))
    out = np.empty(len(u))
    entries.normals(out, u)
    want = stats.norm.ppf(u)
    some = np.abs(want) > 1e-6
    assert np.abs(out[some] / want[some] - 1.0).max() < 1.2e-9
    assert np.abs(out[~some]).max() < 1e-9
    mirrored = np.empty(len(u))
    entries.normals(mirrored, 1.0 - u)
    near = (u > 0.01) & (u < 0.99)
    assert np.allclose(mirrored[near], -out[near], rtol=3e-9, atol=1e-12)
