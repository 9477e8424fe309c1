"""Rules that Python cannot call by themselves, wrapped for the tests; compiled into the same cache as the model."""

from __future__ import annotations

from sim.codes import REST
from sim.draws import binomial, child, day_key, normal_quantile, pair, poisson, uniform, weekly
from sim.jit import entry
from sim.rules.insurgents import keep_or_leave
from sim.rules.slots import muster


@entry
def draws(out, base, stride):
    """Uniform draws along a line through (seed, day, purpose, who, k)."""
    for i in range(out.shape[0]):
        key = day_key(base[0] + i * stride[0], base[1] + i * stride[1])
        out[i] = uniform(key, base[2] + i * stride[2], base[3] + i * stride[3], base[4] + i * stride[4])


@entry
def draws_of(out, seed, day, purpose, who, k):
    """Uniform draws for arrays of coordinates."""
    for i in range(out.shape[0]):
        out[i] = uniform(day_key(seed[i], day[i]), purpose[i], who[i], k[i])


@entry
def draw_with_key(key, purpose, who, k):
    """One draw from a day's key."""
    return uniform(key, purpose, who, k)


@entry
def children(out, parent, day, ordinal):
    """Identities of things that come forth."""
    for i in range(out.shape[0]):
        out[i] = child(parent[i], day[i], ordinal[i])


@entry
def pairs(out, a, b):
    """Identities of ordered pairs."""
    for i in range(out.shape[0]):
        out[i] = pair(a[i], b[i])


@entry
def weekdays(out, who, day):
    """Whether each day is the weekday of each identity: out[i, j] for who[i] on day + j."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = 1 if weekly(who[i], day + j) else 0


@entry
def poissons(out, mean, u):
    """Poisson quantiles."""
    for i in range(out.shape[0]):
        out[i] = poisson(mean[i], u[i])


@entry
def binomials(out, n, p, u):
    """Binomial quantiles."""
    for i in range(out.shape[0]):
        out[i] = binomial(n[i], p[i], u[i])


@entry
def normals(out, u):
    """Standard normal quantiles."""
    for i in range(out.shape[0]):
        out[i] = normal_quantile(u[i])


@entry
def days_until_left(world, slot, most):
    """Days until the holder in `slot` leaves its place, nothing else happening."""
    w = world[0]
    for k in range(most):
        w.run.day += 1
        w.run.key = day_key(w.run.seed, w.run.day)
        keep_or_leave(w, slot)
        if w.cells[slot].task == REST:
            return k
    return most


@entry
def list_all(world):
    """Muster everyone, so that the places know who is there."""
    muster(world[0])
