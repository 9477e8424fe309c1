"""The five theses of the article, each in a sentence, by the name under which it is tested."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

CLAIMS: Final = MappingProxyType(
    {
        "t1_attrition": "Attrition does not turn by itself into leverage to topple the regime.",
        "t2_support": "Without broad popular support, control and supply disruption stay circumscribed.",
        "t3_contractors": (
            "Contractor artillery and air support prop the regime up, which draws legitimacy from the alliance."
        ),
        "t4_paradox": (
            "More reliance buys fires and command and costs fuel, pay and legitimacy: security need not rise with it."
        ),
        "t5_stalemate_region": (
            "Stalemate is a region of parameter space, with a breakthrough boundary on either side."
        ),
    }
)
