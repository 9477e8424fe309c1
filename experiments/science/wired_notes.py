"""What the tables of ``docs/no_wired_result.md`` cannot say: root causes, found by looking into the rules."""

NOTES = """\
## Read with care

Written by hand, about what the checks found; numbers in brackets were measured when the check was first run.

- **The capital can be taken, yet nobody marches on it.** *storming* shows that two attackers a defender take Bamako
  more often than not, contractors or none. In *strength* no run assaults it, whatever the numbers. Cause, in the
  rules: a group weighs an assault only where it stands, calls only from one road away (`callable_fighters()`,
  `insurgents.call_share`), and is drawn by worth over defenders measured against a fixed 400 men
  (`insurgents.opening_men`); each garrison that breaks flees to its depot or the capital, where about 10,000 men
  gather. Nothing gathers forces over several roads. With the pull made relative to the fighters within call the
  capital was still never assaulted (tried, not kept). So the military road to a *national* breakthrough runs
  through the centres, and needs several times the scenario's fighters; *capital* as a reason occurs only where it
  stands almost empty (*extremes*).
- **Mended: any patrol undid any mass.** In the first trial of *storming* 10 to 20 % of assaults never began, at any
  ratio. A sweep that met a group scattered it and detained a tenth of it, whatever its size: a column of 150 undid
  thousands, and so did one sortie. Now a group gives way to a column by the odds of their strengths (`sweep()`), and
  to fires by the share of it that they kill (`shaken()`).
- **Mended: paths stayed wrong.** A road was shunned until some road's risk moved by `logistics.reroute_risk`; a
  smaller leftover was never reviewed, so that a corridor could stay empty long after the attacks: in 4 of 6 runs of
  1,080 days with a strong state some corridor was below half of its flow at some date looked at, after a first mend
  in 1 of 6; now paths are renewed weekly for any change (`build_trees()`). It denied the class "state breakthrough".
- **In the shipped scenarios every national breakthrough is a collapse.** At the strengths that the sources give,
  control by force does not reach half the centres, so that what brings the regime down is the hazard, whose weights
  are assumptions: see the spread over points in *hazard*. A region may break away by force, most with broad support.
  No claim about how often the regime falls should rest on this model.
- **Attacks rise less than fighters.** Three causes: a group makes one choice at a time and its odds of an attack
  rise as size^θ with θ below 1; places that are held can no longer be attacked; and the table of groups has 512
  places ('table full'), so that above about 12,000 fighters groups can no longer split. The last is a limit of the
  program; it does not bind in the shipped scenarios, and any run with several times their fighters should be read
  with it.
- **State breakthrough takes years.** With every advantage insurgent strength sinks below a fifth only after 1,000
  to 1,500 days; the class also asks for events below a tenth of the first 180 days', which are few already under
  such advantages, and for every corridor at 95 % of normal flow. Runs of 1,080 days often end too soon.
- **Holders bear any threat alike beyond three men a fighter** (`keep_or_leave()`): a bound in the rule, so that a
  place is still held for some days against any force. Strength counts below it.
- **M8 holds on contested ground, with little to spare: its window is why.** There deadlier insurgents take and hold
  places before summer (soldiers and contractors killed by then, 40 seeds: 563, 1,127 and 1,582 at rates of 0.2, 0.45
  and 0.9; share of people held 0.5, 3.8 and 6.7 %), so that fewer stand within reach in the summer that the statement
  looks at. Up to the end of summer all rise: 1,139, 1,730 and 2,310. With 200 pairs (`stalemate checks --only
  monotone-contested pairs=200`) summer's deaths rise by 26 (-3 to +56), then by 99. It failed, or held within luck,
  until faults of rules were mended (decision 52).
- **A statement under which no seed moved is no evidence.** In the scenario itself breakthroughs are so rare that
  most of the ten statements cannot fail there; *monotone-contested* tries the same ten where both outcomes are
  common. That ground was chosen after the first trial, the statements before it.
"""
