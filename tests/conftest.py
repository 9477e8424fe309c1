"""Which examples the property tests try: always the same ones, or new ones each time (`make explore`).

`make test` says whether a change is right, so it must not fail on one machine and pass on another for luck. What new
examples find is a fault all the same; it goes in as an `@example`.
"""

import os

from hypothesis import settings

settings.register_profile("fixed", derandomize=True)
settings.register_profile("explore", derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
