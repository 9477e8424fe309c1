"""Agent classes that a sweep's workers import by name: one that rests, one that raises, one that kills its process."""

import os

from sim.agents import InsurgentCell


class Idle(InsurgentCell):
    """Does nothing."""

    def step(self):
        pass


class Stumbling(InsurgentCell):
    """Raises an error when its seed is 2."""

    def step(self):
        if self.model.seed == 2:
            raise RuntimeError("stumbled")
        super().step()


class Deadly(InsurgentCell):
    """Ends its process when its seed is 2."""

    def step(self):
        if self.model.seed == 2:
            os._exit(9)
        super().step()
