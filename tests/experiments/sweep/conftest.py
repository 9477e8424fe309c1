"""Makes `sweep_support` importable by the tests of this folder (import-mode=importlib adds no path)."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
