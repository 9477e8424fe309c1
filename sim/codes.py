"""Every code that the world's tables hold, with its name: one place, so that rules, labels and logs cannot differ.

Plain integers, because the compiled rules freeze them as constants.
"""

from __future__ import annotations

from typing import Final

# Sides, also the order in which losses are listed: civilians first.
CIVILIANS: Final = 0
INSURGENTS: Final = 1
STATE: Final = 2
CONTRACTORS: Final = 3
SIDES: Final = ("civilians", "insurgents", "state", "contractors")

# Insurgent groups; a scenario names them.
MAIN: Final = 0
ALLIED: Final = 1

# What an insurgent cell is doing.
REST: Final = 0
MOVE: Final = 1
INTERDICT: Final = 2
HARASS: Final = 3
ASSEMBLE: Final = 4
ASSAULT: Final = 5
HOLD: Final = 6
CELL_TASKS: Final = ("rest", "move", "interdict", "harass", "assemble", "assault", "hold")

# How a cell meets the day: settled in the morning; before its turn a convoy or an assembly can still engage it.
READY: Final = 0
ENGAGED: Final = 1
HIDDEN: Final = 2
REGROUPING: Final = 3
STANCES: Final = ("ready", "engaged", "hidden", "regrouping")

# What a state unit is, and what a unit or a detachment is doing.
GARRISON: Final = 0
COLUMN: Final = 1
ESCORT: Final = 2
UNIT_KINDS: Final = ("garrison", "column", "escort")
IDLE: Final = 0
RELIEVE: Final = 1
SWEEP: Final = 2
RIDE: Final = 3
RETURN: Final = 4
UNIT_TASKS: Final = ("idle", "relieve", "sweep", "ride", "return")

# Who holds a place.
HELD_BY_STATE: Final = 0
HELD_BY_INSURGENTS: Final = 1
HELD_BY_NOBODY: Final = 2
HOLDERS: Final = ("state", "insurgents", "nobody")

# What a place is.
CAPITAL: Final = 0
REGIONAL_CAPITAL: Final = 1
TOWN: Final = 2
BASE: Final = 3
CROSSING: Final = 4
SOURCE: Final = 5
PLACE_KINDS: Final = ("capital", "regional_capital", "town", "base", "crossing", "source")

# Live things, in the order of the activation list's ranges.
A_CELL: Final = 0
A_UNIT: Final = 1
A_DETACHMENT: Final = 2
A_CONVOY: Final = 3

# Events. Those below FIRST_STATE_EVENT are begun by the insurgents.
ROAD_ATTACK: Final = 0
OUTPOST_ATTACK: Final = 1
BASE_ATTACK: Final = 2
COERCION: Final = 3
CAPTURE: Final = 4
FIRST_STATE_EVENT: Final = 5
FIRE: Final = 5
SWEEP_CONTACT: Final = 6
SWEEP_HARM: Final = 7
RETAKE: Final = 8
LEFT: Final = 9
TRUCE: Final = 10
DEPARTURE: Final = 11
CAMPAIGN_BEGINS: Final = 12
CAMPAIGN_ENDS: Final = 13
COLLAPSE: Final = 14
EVENT_KINDS: Final = (
    "road_attack",
    "outpost_attack",
    "base_attack",
    "coercion",
    "capture",
    "fire",
    "sweep_contact",
    "sweep_harm",
    "retake",
    "left",
    "truce",
    "departure",
    "campaign_begins",
    "campaign_ends",
    "collapse",
)

# What went wrong in a run; rules raise nothing.
OK: Final = 0
STOPPED: Final = 1
LEDGER_BROKEN: Final = 2
LOG_FULL: Final = 3
NO_FREE_SLOT: Final = 4
STATUSES: Final = ("ok", "stopped", "ledger_broken", "log_full", "no_free_slot", "not_finite")

# What a random draw is for. One number a purpose: two purposes never share their luck.
D_ORDER: Final = 1
D_OFFER: Final = 2
D_ACCEPT: Final = 3
D_GATHER: Final = 4
D_ENCOUNTER: Final = 5
D_ENGAGE: Final = 6
D_BURN: Final = 7
D_LOOT: Final = 8
D_DUEL: Final = 9
D_CHOICE: Final = 10
D_PERCEIVE: Final = 11
D_REGROUP: Final = 12
D_SHATTER: Final = 13
D_JOIN: Final = 14
D_STAY: Final = 15
D_RECRUIT: Final = 16
D_QUIT: Final = 17
D_CAMPAIGN: Final = 18
D_COORDINATE: Final = 19
D_FIRE: Final = 20
D_FIRE_LOSS: Final = 21
D_COLLATERAL: Final = 22
D_SWEEP: Final = 23
D_HARM: Final = 24
D_REACT: Final = 25
D_REINFORCE: Final = 26
D_DESERT: Final = 27
D_DEPART: Final = 28
D_COERCE: Final = 29
D_COLLAPSE: Final = 30
D_TRUCE: Final = 31
D_RELEASE: Final = 32
D_OUTPOST: Final = 33
D_SECONDARY: Final = 34
D_DETECT: Final = 35
D_CAPTURED: Final = 36
D_DRIVERS: Final = 37
D_BIRTH: Final = 38
D_BOOTSTRAP: Final = 39
D_OBSERVE: Final = 40
D_SETUP: Final = 41
D_SHARE: Final = 42

# What an entry of the timeline does.
SET: Final = 1
BEGIN_CAMPAIGN: Final = 2
WITHDRAW_CONTRACTORS: Final = 3
ADD_CONTRACTORS: Final = 4
ADD_MEN: Final = 5
ADD_FIGHTERS: Final = 6
