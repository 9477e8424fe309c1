"""Keys that say what a run begins with: a timeline or a branch may not change them on a later day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from experiments.messages import ConfigurationError
from sim.scenario import Entry

ONLY_AT_START: Final = {
    "contractors.personnel": "withdraw_contractors=N or add_contractors.PLACE=N changes it later",
    "contractors.reliance": "withdraw_contractors=N, add_contractors.PLACE=N and add_men.PLACE=N change it later",
    "insurgents.recruit_pool": "insurgents.recruit_rate changes how many join later",
    "population.insurgent_support": "what moves opinion later are the parameters of population",
    "population.state_support": "what moves opinion later are the parameters of population",
    "regime.treasury_days": "regime.revenue changes the treasury later",
    "state.recruit_pool": "state.reinforcement_rate changes how fast men are raised later",
}
"""Keys that fill a stock before the first day, by what changes it later.

Some are not read again; a recruit_pool is, but only to ask how much of the first stock is left, so that a larger one
later would act as if more had been used up.
"""


class OnlyAtStartError(ConfigurationError):
    """A key that says what a run begins with."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"{key}: says what a run begins with, so it cannot change on a later day; {ONLY_AT_START[key]}"
        )


def check_timeline(entries: Iterable[Entry]) -> None:
    """Refuse entries that set a key which only a run's beginning reads.

    Raises:
        OnlyAtStartError: the first such key.
    """
    for entry in entries:
        if entry.action in ("set", "ramp") and entry.key in ONLY_AT_START:
            raise OnlyAtStartError(entry.key)
