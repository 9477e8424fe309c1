"""What the tests of the Mesa driver share: models, days, and what must hold of agents and rows."""

import numpy as np
from sim_support import minimal

from sim.agents import AGENT_CLASSES, InsurgentCell
from sim.codes import ASSAULT, ASSEMBLE, HARASS, INTERDICT, REST
from sim.model import ConflictModel


class Cautious(InsurgentCell):
    """A cell that lets every attack be that it would have made."""

    def step(self):
        super().step()
        if self.task in (INTERDICT, HARASS, ASSEMBLE, ASSAULT):
            self.task, self.road, self.days_left = REST, -1, 4


def small_model(**given):
    return ConflictModel(**{"scenario": minimal(), "seed": 1, **given})


def run_on(model, days=None):
    """Run a model for some days more, or all of its days, and return it."""
    for _ in range(model.days if days is None else days):
        model.step()
    return model


def rows_and_agents_match(model):
    for kind in AGENT_CLASSES.values():
        alive = np.flatnonzero(model.world[kind.table]["alive"][0] > 0)
        agents = sorted(model.agents.select(agent_type=kind), key=lambda a: a.slot)
        assert [a.slot for a in agents] == alive.tolist()
        assert [a.id for a in agents] == model.world[kind.table]["id"][0, alive].tolist()
