"""From names and settings to a scenario: what is shipped, what can be changed, what is refused, each in one line."""

import dataclasses

import pytest

import experiments
from experiments.at_start import OnlyAtStartError
from experiments.compose import compose_request, config_folders, load_scenario, read_scenario
from experiments.identity import resolved
from experiments.overrides import options
from experiments.paths import conf_dir
from sim.parameter_errors import StalemateError
from sim.parameters import flatten, infos
from sim.scenario import Scenario
from sim.setup import build_world

CONTRASTS = ("contractors_leave", "broad_support", "full_blockade", "army_reform")
SHIPPED = ("army_reform", "atlantis", "broad_support", "contractors_leave", "full_blockade", "mali_2025", "minimal")


def entries(scenario, action):
    return [e for e in scenario.timeline if e.action == action]


# --- what is shipped ---


def test_the_shipped_scenarios_are_these():
    assert options("scenario", config_folders()) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_scenario_composes_says_what_it_is_and_builds_a_world(name):
    scenario = load_scenario(name)
    assert isinstance(scenario, Scenario) and scenario.name == name
    assert scenario.title and len(scenario.description) > 40
    world = build_world(scenario, 1)
    assert world["people"]["initial"].min() >= 0 and world["fuel"]["opening"][0] > 0


def test_mali_has_the_whole_map_and_its_dates():
    mali = load_scenario("mali_2025")
    assert (len(mali.geography.places), len(mali.geography.roads)) == (46, 57)
    assert (mali.days, mali.start_date, mali.summer, mali.judge_day) == (540, "2025-01-01", (151, 242), 482)
    (campaign,) = entries(mali, "campaign")
    assert (campaign.day, campaign.days, campaign.value) == (151, 92, 1.0)


def test_atlantis_uses_every_place_and_road():
    atlantis = load_scenario("atlantis")
    assert (len(atlantis.geography.places), len(atlantis.geography.roads)) == (32, 42)


def test_mali_and_its_contrasts_differ_in_a_few_keys_alone():
    mali = load_scenario("mali_2025")
    for name in CONTRASTS:
        other = load_scenario(name)
        assert other.forces == mali.forces and other.geography == mali.geography
        changed = {k for k, v in flatten(other.parameters).items() if v != flatten(mali.parameters)[k]}
        added = set(other.timeline) - set(mali.timeline)
        assert set(mali.timeline) <= set(other.timeline)
        assert 1 <= len(changed) + len(added) <= 3


def test_contractors_leave_by_thirds():
    scenario = load_scenario("contractors_leave")
    steps = entries(scenario, "withdraw_contractors")
    assert [e.day for e in steps] == [150, 180, 210]
    assert sum(e.value for e in steps) == scenario.parameters.contractors.personnel
    assert all(abs(e.value - 1000 / 3) < 1 for e in steps)


def test_broad_support_doubles_support_under_its_ceiling():
    broad, base = load_scenario("broad_support"), load_scenario("mali_2025")
    assert broad.parameters.population.insurgent_support == 2 * base.parameters.population.insurgent_support
    a, b = (build_world(s, 1)["places"]["support_insurgents"][0][:46] for s in (broad, base))
    free = a < 0.85 - 1e-9
    assert free.sum() > 30
    assert a[free] == pytest.approx(2 * b[free])


def test_full_blockade_is_the_top_of_the_range_for_ninety_days():
    first, last = entries(load_scenario("full_blockade"), "set")
    key = "insurgents.interdiction_effort"
    assert (first.key, first.day, first.value) == (key, 151, infos()[key].high)
    assert (last.key, last.day - first.day, last.value) == (key, 90, infos()[key].default)


def test_army_reform_ramps_to_the_tops_of_the_ranges():
    ramps = entries(load_scenario("army_reform"), "ramp")
    assert {e.key: e.value for e in ramps} == {
        k: infos()[k].high for k in ("state.command_quality", "state.army_fires")
    }
    assert all(e.days == 180 for e in ramps)


def test_the_yaml_files_of_parameters_never_restate_a_default():
    """A parameter has one home, sim/parameters.py; a scenario names only what differs."""
    for name in SHIPPED:
        scenario = load_scenario(name)
        values = flatten(scenario.parameters)
        text = (conf_dir() / "scenario" / f"{name}.yaml").read_text(encoding="utf-8")
        for key, info in infos().items():
            leaf = f"{key.split('.')[1]}:"
            if f"{leaf} " in text and f"key: {key}" not in text and values[key] == info.default:
                assert not any(line.strip().startswith(leaf) for line in text.splitlines()), key


# --- what can be changed ---


def test_the_public_function_is_the_same():
    assert experiments.load_scenario is load_scenario
    assert dir(experiments) == ["load_scenario"]
    with pytest.raises(AttributeError, match="no attribute 'load_scenarios'"):
        _ = experiments.load_scenarios


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("contractors.personnel=500", lambda s: s.parameters.contractors.personnel == 500.0),
        ("switches.deterrence=0", lambda s: s.parameters.switches.deterrence == 0.0),
        ("switches.deterrence=false", lambda s: s.parameters.switches.deterrence == 0.0),
        (
            "contractors.personnel=${state.cost}",
            lambda s: s.parameters.contractors.personnel == s.parameters.state.cost,
        ),
        ("days=30", lambda s: s.days == 30),
        ("summer=[10,20]", lambda s: s.summer == (10, 20)),
        ("force.groups=null", lambda s: s.forces.groups == ()),
        ("force.groups={}", lambda s: s.forces.groups == ()),
        ("force.garrisons.CAP=7", lambda s: s.forces.garrisons["CAP"] == 7),
        ("~force.garrisons.CAP", lambda s: "CAP" not in s.forces.garrisons),
        ("force.columns.TWN={count: 1, men: 9}", lambda s: s.forces.columns[-1].men == 9),
        ("timeline=null", lambda s: s.timeline == ()),
        ("timeline.summer_campaign=null", lambda s: s.timeline == ()),
        ("timeline.summer_campaign.value=0.5", lambda s: s.timeline[0].value == 0.5),
        (
            "timeline.more={day: 3, action: set, key: state.cost, value: 90}",
            lambda s: s.timeline[0].key == "state.cost",
        ),
        ("geography.folder=minimal", lambda s: s.geography.name == "minimal"),
    ],
)
def test_a_setting_changes_what_it_names(setting, found):
    assert found(load_scenario("minimal", [setting]))


def test_a_setting_changes_nothing_else():
    base, other = load_scenario("minimal"), load_scenario("minimal", ["contractors.personnel=50"])
    contractors = dataclasses.replace(base.parameters.contractors, personnel=50.0)
    assert other == dataclasses.replace(base, parameters=dataclasses.replace(base.parameters, contractors=contractors))


def test_zero_forces_are_legal():
    none = ["force.garrisons=null", "force.columns=null", "force.escorts=null", "contractors.personnel=0"]
    world = build_world(load_scenario("minimal", [*none, "force.groups=null"]), 1)
    assert world["people"]["initial"].sum() == 0


def test_a_request_has_seed_driver_and_agents():
    request = compose_request(["scenario=minimal", "seed=7", "driver=mesa", "agents.cell=a:B"])
    assert (request.seed, request.driver, request.agents) == (7, "mesa", {"cell": "a:B"})
    assert compose_request([]).scenario.name == "mali_2025"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_resolved_configuration_reads_back_as_the_same_scenario(name):
    scenario = load_scenario(name)
    assert read_scenario(name, resolved(scenario), config_folders()) == scenario


# --- a folder of one's own ---


@pytest.fixture
def own(tmp_path):
    (tmp_path / "scenario").mkdir()
    return tmp_path


def test_a_folder_of_ones_own_joins_and_wins(own):
    (own / "scenario" / "mine.yaml").write_text(
        "# @package _global_\ndefaults: [minimal, _self_]\ntitle: Mine\ncontractors: {personnel: 5}\n"
    )
    mine = load_scenario("mine", config_dir=own)
    assert (mine.title, mine.parameters.contractors.personnel) == ("Mine", 5.0)
    assert mine.geography.name == "minimal"
    (own / "scenario" / "minimal.yaml").write_text(
        "# @package _global_\ndefaults: [/geography: minimal]\ntitle: Other\n"
    )
    assert load_scenario("minimal", config_dir=own).title == "Other"
    assert load_scenario("minimal").title == "Five places"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("contractor: {personnel: 5}", "unknown key 'contractor'; did you mean 'contractors'?"),
        ("contractors: {personel: 5}", "unknown key 'contractors.personel'; did you mean 'contractors.personnel'?"),
        (
            "contractors: {personnel: many}",
            "contractors.personnel: Value 'many' of type 'str' could not be converted to Float",
        ),
        (
            "contractors: {personnel: -5}",
            "contractors.personnel: -5.0 is not allowed; it takes a number from 0 to 4000",
        ),
        (
            "contractors: {personnel: .nan}",
            "contractors.personnel: nan is not allowed; it takes a number from 0 to 4000",
        ),
        ("days: 0", "days: 0 is not allowed; it takes a whole number from 1 to 36500"),
        ("driver: mesh", "driver: no 'mesh'; it takes compiled or mesa; did you mean 'mesa'?"),
        ("force: {garisons: {CAP: 1}}", "unknown key 'force.garisons'; did you mean 'force.garrisons'?"),
        ("defaults: [minimul]", "scenario: no 'minimul'; did you mean 'minimal'?"),
        ("title: [", "not readable as YAML"),
        ("days: ${nowhere}", "days: Interpolation key 'nowhere' not found"),
    ],
)
def test_a_bad_file_of_ones_own_is_refused_in_one_line(own, text, message):
    defaults = "" if text.startswith("defaults") else "defaults: [minimal, _self_]\n"
    (own / "scenario" / "mine.yaml").write_text(f"# @package _global_\n{defaults}{text}\n")
    with pytest.raises(StalemateError) as caught:
        load_scenario("mine", config_dir=own)
    assert "\n" not in str(caught.value)
    assert message in str(caught.value)


# --- what is refused ---

WHOLE_SEED = "it takes a whole number from 0 to 9223372036854775807"
REFUSED = [
    ("scenario=mal", "scenario: no 'mal'; did you mean 'mali_2025'?"),
    ("scenario=atlantic", "scenario: no 'atlantic'; did you mean 'atlantis'?"),
    ("scenario=qqq", f"scenario: no 'qqq'; there are {', '.join(SHIPPED)}"),
    ("force=mars", "force: no 'mars'; did you mean 'mali'?"),
    ("geography=mars", "geography: no 'mars'; did you mean 'mali'?"),
    ("geography.folder=mars", "geography.folder: no 'mars'; did you mean 'mali'?"),
    ("geography.folder=/nonexistent", "geography 'nonexistent': no such folder"),
    ("contractors.personel=5", "unknown key 'contractors.personel'; did you mean 'contractors.personnel'?"),
    ("contractor.personnel=5", "unknown key 'contractor.personnel'; did you mean 'contractors.personnel'?"),
    ("personnel=5", "unknown key 'personnel'; did you mean 'contractors.personnel'?"),
    ("sede=5", "unknown key 'sede'; did you mean 'seed'?"),
    (
        "contractors=5",
        "contractors is a group of keys and takes no value; set one of them, as in contractors.personnel=…",
    ),
    ("contractors.personnel=nan", "contractors.personnel: nan is not allowed; it takes a number from 0 to 4000"),
    ("contractors.personnel=inf", "contractors.personnel: inf is not allowed; it takes a number from 0 to 4000"),
    ("contractors.personnel=-1", "contractors.personnel: -1 is not allowed; it takes a number from 0 to 4000"),
    ("contractors.personnel=4001", "contractors.personnel: 4001 is not allowed; it takes a number from 0 to 4000"),
    ("contractors.personnel=many", "contractors.personnel: 'many' is not allowed; it takes a number from 0 to 4000"),
    ("contractors.personnel=", "contractors.personnel: '' is not allowed; it takes a number from 0 to 4000"),
    ("contractors.personnel=true", "contractors.personnel: True is not allowed; it takes a number from 0 to 4000"),
    ("switches.deterrence=0.5", "switches.deterrence: 0.5 is not allowed; it takes 0 or 1"),
    ("days=0", "days: 0 is not allowed; it takes a whole number from 1 to 36500"),
    ("days=-3", "days: -3 is not allowed; it takes a whole number from 1 to 36500"),
    ("days=1.5", "days: 1.5 is not allowed; it takes a whole number from 1 to 36500"),
    ("days=soon", "days: 'soon' is not allowed; it takes a whole number from 1 to 36500"),
    ("days=nan", "days: nan is not allowed; it takes a whole number from 1 to 36500"),
    ("seed=-1", f"seed: -1 is not allowed; {WHOLE_SEED}"),
    ("seed=x", f"seed: 'x' is not allowed; {WHOLE_SEED}"),
    ("driver=mesh", "driver: no 'mesh'; it takes compiled or mesa; did you mean 'mesa'?"),
    ("agents.sell=a:B", "unknown key 'agents.sell'; did you mean 'agents.cell'?"),
    ("start_date=2025-02-30", "start_date: '2025-02-30' is not allowed; it takes a date such as 2025-01-31"),
    ("summer=[5]", "summer: [5] is not allowed; it takes two day numbers in order, as in [151,242]"),
    ("summer=[9,5]", "summer: 5 is not allowed; it takes a whole number from 9 to 36500"),
    ("force.garrisons.CAP=-5", "force.garrisons.CAP: -5 is not allowed; it takes a whole number from 0 to 1000000"),
    ("force.garrisons.CAPE=5", "force.garrisons: no place 'CAPE'; did you mean 'CAP'?"),
    ("force.garison.CAP=5", "unknown key 'force.garison.CAP'; did you mean 'force.garrisons'?"),
    (
        "force.garrisons=5",
        "force.garrisons: 5 is not allowed; it takes values by name, as in {A: 1, B: 2}, or null for none",
    ),
    ("force.columns.CAP={cuont: 3}", "unknown key 'force.columns.CAP.cuont'; did you mean 'force.columns.CAP.count'?"),
    (
        "force.columns.BAS={count: 3}",
        "force.columns.BAS.men: None is not allowed; it takes a whole number from 0 to 100000",
    ),
    ("force.columns.CAP=3", "force.columns.CAP: 3 is not allowed; it takes count and men, in braces"),
    ("force.neighbour_countries=[XZ]", "force.neighbour_countries: no 'XZ'; did you mean 'XM'?"),
    ("timeline.a=5", "timeline.a: 5 is no entry; write {day: …, action: …, value: …}"),
    ("timeline.a={day: 3, action: set, kee: x}", "unknown key 'timeline.a.kee'; did you mean 'timeline.a.key'?"),
    (
        "timeline.a={day: 3, action: set, key: state.cots, value: 9}",
        "unknown key 'state.cots'; did you mean 'state.cost'?",
    ),
    ("seed", "'seed' cannot be read; settings are written key=value, as in seed=3"),
    ("=5", "'=5' cannot be read; settings are written key=value, as in seed=3"),
    ("seed=[1", "'seed=[1' cannot be read; settings are written key=value, as in seed=3"),
    (
        "hydra.run.dir=x",
        "hydra.run.dir: is a setting of Hydra's own and does nothing here; --outputs DIR says where results go",
    ),
    (
        "+hydra.verbose=true",
        "hydra.verbose: is a setting of Hydra's own and does nothing here; `stalemate explain` lists all keys",
    ),
    (
        "~force.detachments",
        "'~force.detachments' cannot be read; to leave a table empty write force.detachments={}",
    ),
    ("seed=1,2", "'seed=1,2' gives several values to one run; stalemate run --multirun runs each of them"),
]


@pytest.mark.parametrize(("setting", "message"), REFUSED, ids=[setting for setting, _ in REFUSED])
def test_a_bad_setting_is_refused_in_one_line(setting, message):
    with pytest.raises(StalemateError) as caught:
        compose_request(["scenario=minimal", setting] if not setting.startswith("scenario") else [setting])
    assert str(caught.value) == message


@pytest.mark.parametrize("setting", ["seed=3", "driver=mesa", "agents.cell=a:B"])
def test_settings_of_the_run_do_not_vanish_into_a_scenario(setting):
    key = setting.split("=")[0]
    with pytest.raises(StalemateError, match=f"^{key}: belongs to a single run"):
        load_scenario("minimal", [setting])


# --- a geography of one's own ---


@pytest.fixture
def geography(tmp_path):
    folder = tmp_path / "isles"
    folder.mkdir()
    for name in ("places.csv", "roads.csv"):
        (folder / name).write_bytes((conf_dir() / "geography" / "minimal" / name).read_bytes())
    return folder


def refused(geography, *settings):
    with pytest.raises(StalemateError) as caught:
        load_scenario("minimal", [f"geography.folder={geography}", *settings])
    return str(caught.value)


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_geography_by_its_path(geography):
    assert load_scenario("minimal", [f"geography.folder={geography}"]).geography.name == "isles"


def test_a_road_to_a_place_that_does_not_exist(geography):
    change(geography / "roads.csv", "REG,BAS", "REG,BAZ")
    assert refused(geography) == "geography isles: roads.csv line 6: no place 'BAZ'; nearest is 'BAS'"


def test_an_unreachable_capital(geography):
    change(geography / "roads.csv", "SRC,CAP", "REG,TWN")
    change(geography / "roads.csv", "SRC,TWN", "TWN,BAS")
    assert refused(geography) == "geography isles: roads.csv: no way to the capital 'CAP' from a source (SRC)"


def test_fuel_that_could_never_arrive(geography):
    with (geography / "places.csv").open("a", encoding="utf-8") as places:
        places.write("SR2,Isle,Isle,XO,Isle,30,-44,1000,source,source,fictional,0,0,left\n")
    message = refused(geography, "force.suppliers.SR2={capacity: 10, share: 0.5}")
    assert message == "force.suppliers.SR2: no road leads from there to the capital"


def test_a_timeline_cannot_change_what_a_run_begins_with():
    with pytest.raises(OnlyAtStartError, match=r"contractors\.personnel: says what a run begins with"):
        load_scenario("minimal", ["+timeline.late={day: 10, action: set, key: contractors.personnel, value: 0}"])
