"""The documentation names only what exists, and leaves nothing out; the README's example runs."""

import ast
import functools
import re
from dataclasses import fields
from pathlib import Path

import pytest

import experiments
import sim
from experiments import generated_docs
from experiments.cli import COMMANDS, main
from experiments.compose import compose_request
from sim import codes, outcomes
from sim.day import PHASES
from sim.outcomes import OUTCOMES, Thresholds
from sim.parameters import infos
from sim.run import DRIVERS
from sim.world import world_dtype

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "CHANGELOG.md",
    *(f"docs/{name}.md" for name in ("odd", "decisions", "outcomes", "parameters")),
    *(f"docs/{name}.md" for name in ("install", "extending", "sweeps", "cluster", "recording", "performance")),
)
GROUPS = "|".join(sorted({key.split(".")[0] for key in infos()}))
ODD_HEADINGS = (
    "1. Purpose and patterns",
    "2. Entities, state variables, and scales",
    "3. Process overview and scheduling",
    "4. Design concepts",
    "5. Initialization",
    "6. Input data",
    "7. Submodels",
)
CONCEPTS = (
    "Basic principles",
    "Emergence",
    "Adaptation",
    "Objectives",
    "Learning",
    "Prediction",
    "Sensing",
    "Interaction",
    "Stochasticity",
    "Collectives",
    "Observation",
)


@functools.cache
def text(page):
    return (ROOT / page).read_text(encoding="utf-8")


def prose(page):
    """The page without fenced code."""
    return re.sub(r"^```.*?^```", "", text(page), flags=re.S | re.M)


def spans(source):
    return re.findall(r"`([^`\n]+)`", source)


def keys_in(source):
    return set(re.findall(rf"(?<![\w./-])(?:{GROUPS})\.(?!py\b|md\b|yaml\b)[a-z_0-9]+", source))


@functools.cache
def defined_in(path):
    """Names that a module defines at its top level."""
    names = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
    return names


@functools.cache
def state_variables():
    """Every ``table.field`` of the world."""
    dtype = world_dtype()
    return {f"{table}.{name}" for table in dtype.names for name in dtype[table].base.names or ()}


def sections(page, level):
    """Split a page at its headings of one level or above; each part with its heading."""
    return re.split(rf"^(?=#{{2,{level}}} )", prose(page), flags=re.M)


# --- what is generated ---


def test_generated_pages_are_up_to_date():
    stale = generated_docs.out_of_date(ROOT / "docs")
    assert not stale, f"{stale}: `{generated_docs.COMMAND}` writes them"


def test_the_parameter_page_has_a_row_for_every_parameter():
    rows = re.findall(r"^\| `([^`]+)` \|(?:[^|]*(?<!\\)\|){6}$", generated_docs.parameters_page(), flags=re.M)
    assert rows == list(infos())


def test_a_page_that_is_out_of_date_is_named_and_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(generated_docs, "docs_dir", lambda: tmp_path)
    assert generated_docs.main(["--check"]) != 0
    assert "parameters.md" in capsys.readouterr().out
    assert generated_docs.main([]) == 0
    assert generated_docs.main(["--check"]) == 0
    (tmp_path / "parameters.md").write_text("old", encoding="utf-8")
    assert generated_docs.main(["--check"]) != 0


# --- names ---


@pytest.mark.parametrize("page", PAGES)
def test_every_parameter_named_exists(page):
    unknown = keys_in(text(page)) - set(infos())
    assert not unknown


@pytest.mark.parametrize("page", PAGES)
def test_every_file_named_exists(page):
    named = {span for span in spans(prose(page)) if re.match(r"(sim|experiments|conf|tests|docs|requirements)/", span)}
    missing = {span for span in named if not (ROOT / span).exists()}
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)]+)\)", text(page)):
        path, _, anchor = target.partition("#")
        if ":" in path:
            continue
        goal = (ROOT / page).parent / path if path else ROOT / page
        assert goal.exists(), target
        if anchor:
            slugs = {slug(h) for h in re.findall(r"^#+ (.+)$", goal.read_text(encoding="utf-8"), flags=re.M)}
            assert anchor in slugs, target


def slug(heading):
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_functions_named_in_the_odd_stand_in_a_file_that_their_section_names():
    for section in sections("docs/odd.md", 3):
        files = [span for span in spans(section) if re.fullmatch(r"(sim|experiments|tests)/[\w/]+\.py", span)]
        known = set().union(*(defined_in(path) for path in files)) if files else set()
        named = {span[:-2] for span in spans(section) if re.fullmatch(r"\w+\(\)", span)}
        assert not named - known, (section.splitlines()[0], named - known)


def test_every_submodel_of_the_odd_names_its_file_and_its_source():
    submodels = [s for s in sections("docs/odd.md", 3) if re.match(r"### 7\.\d+ ", s)]
    assert len(submodels) >= 20
    for section in submodels:
        assert re.search(r"^Files?: `sim/", section, flags=re.M), section.splitlines()[0]
        assert re.search(r"Sources?: ", section), section.splitlines()[0]


def test_every_rule_file_is_described_in_the_odd():
    described = set(spans(text("docs/odd.md")))
    rules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "sim" / "rules").glob("*.py") if p.name != "__init__.py"}
    assert not rules - described


def test_everything_in_code_type_in_the_odd_is_known():
    known = set(infos()) | state_variables() | set(OUTCOMES) | set(PHASES) | set(world_dtype().names)
    known |= {"second_base", "opening_stock_days", "switches", "strangled", "pull", "PHASES", "COLUMNS", "Thresholds"}
    known |= {"who"}
    for span in spans(prose("docs/odd.md")):
        is_path = re.match(r"(sim|conf|tests)/", span)
        is_call = re.fullmatch(r"\w+\(\)", span)
        is_command = span.startswith("stalemate ")
        assert is_path or is_call or is_command or span in known, span


# --- completeness of the ODD ---


def test_the_odd_has_the_exact_headings_in_order():
    headings = re.findall(r"^## (.+)$", text("docs/odd.md"), flags=re.M)
    assert tuple(headings[:7]) == ODD_HEADINGS
    concepts = next(s for s in sections("docs/odd.md", 2) if s.startswith("## 4. Design concepts"))
    assert tuple(re.findall(r"^### (.+)$", concepts, flags=re.M)) == CONCEPTS


def test_the_odd_names_every_parameter():
    missing = set(infos()) - keys_in(text("docs/odd.md"))
    assert not missing


def test_the_odd_has_the_phases_in_order():
    schedule = next(s for s in sections("docs/odd.md", 2) if s.startswith("## 3."))
    assert re.findall(r"^\| `(\w+)\(\)` \|", schedule, flags=re.M) == list(PHASES)


def test_the_odd_restates_patterns_theses_and_classes():
    purpose = next(s for s in sections("docs/odd.md", 2) if s.startswith("## 1."))
    first = re.findall(r"^\| `?([^|`]+?)`? \|", purpose, flags=re.M)
    wanted = [f"A{k}" for k in range(1, 10)] + [f"T{k}" for k in range(1, 6)] + list(OUTCOMES)
    assert not set(wanted) - set(first)


# --- decisions ---


def test_decisions_are_numbered_without_gaps():
    numbers = [int(n) for n in re.findall(r"^### (\d+)\. ", text("docs/decisions.md"), flags=re.M)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_values_in_the_decisions_are_those_of_the_code():
    stated = re.findall(r"`([a-z_]+\.[a-z_0-9]+)` = (-?[\d.]+\d|\d)", text("docs/decisions.md"))
    assert len(stated) > 3
    for key, value in stated:
        assert infos()[key].default == float(value), key


# --- outcomes ---


def test_every_threshold_is_listed_with_its_default():
    page = text("docs/outcomes.md")
    listed = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", page, flags=re.M))
    assert {name: float(value) for name, value in listed.items()} == {
        f.name: float(f.default) for f in fields(Thresholds)
    }


def test_every_event_kind_and_reason_is_listed():
    named = set(spans(text("docs/outcomes.md")))
    assert not set(codes.EVENT_KINDS) - named
    assert not {"capital", "centres", "collapse", "region", "insurgency_broken"} - named
    assert not {outcomes.INDETERMINATE, outcomes.NOT_ASSESSED} - named


@pytest.fixture(scope="module")
def short_run():
    return sim.simulate(experiments.load_scenario("minimal"), seed=1, days=30)


def test_every_key_of_the_summary_is_explained(short_run):
    for page in ("README.md", "docs/outcomes.md"):
        assert not set(short_run.summary) - set(spans(prose(page))), page
    named = set(spans(text("docs/outcomes.md")))
    for key in ("civilians_killed", "summer", "capital", "contractors", "convoys", "tankers", "fuel_litres", "ledger"):
        assert not set(short_run.summary[key]) - named, key


def test_every_column_of_events_and_measures_is_explained(short_run):
    named = set(spans(text("docs/outcomes.md")))
    assert not set(short_run.events.columns) - named
    table = sim.simulate_many(experiments.load_scenario("minimal"), seeds=[1], days=30, workers=1)
    assert not set(table.columns) - named


# --- the README ---


def test_the_readme_has_a_row_for_every_command():
    table = re.search(r"^\| command \|.*?\n\n", text("README.md"), flags=re.S | re.M)
    listed = re.findall(r"`stalemate (\w+)`", "".join(re.findall(r"^\| [^|]+ \|", table[0], flags=re.M)))
    assert sorted(listed) == sorted(COMMANDS)


def test_the_readme_names_every_page_of_the_documentation():
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}
    assert not pages - set(re.findall(r"\bdocs/\w+\.md\b", text("README.md")))


def test_the_scenarios_of_the_readme_are_those_that_ship():
    shipped = {p.stem for p in (ROOT / "conf" / "scenario").glob("*.yaml")}
    listed = re.search(r"^\| scenario \|.*?\n\n", text("README.md"), flags=re.S | re.M)
    assert set(re.findall(r"^\| `(\w+)` \|", listed[0], flags=re.M)) == shipped


def test_the_targets_of_the_readme_are_in_the_makefile():
    targets = set(re.findall(r"\bmake ([a-z-]+)", prose("README.md")))
    assert {"run", "test"} <= targets
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert not {t for t in targets if not re.search(rf"^{t}:", makefile, flags=re.M)}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_named_exists_and_takes_what_it_is_given(page):
    lines = re.findall(r"^    (stalemate [^#\n]+)", prose(page), flags=re.M)
    lines += [span for span in spans(prose(page)) if span.startswith("stalemate ")]
    for line in lines:
        _, command, *words = line.split()
        assert command in COMMANDS, line
        if command == "run":
            compose_request([word for word in words if "=" in word])
        elif command == "explain" and words:
            assert main(["explain", *words]) == 0, line


def test_the_readme_says_what_the_model_cannot_tell():
    boxes = re.findall(r"^> \*\*What it cannot tell\.\*\*", text("README.md"), flags=re.M)
    assert len(boxes) == 1


def test_the_readme_tells_the_results_that_the_pages_have():
    part = text("README.md").partition("## What comes out")[2].partition("## On the command line")[0]
    for name, verdict in re.findall(r"^\*\*(T\d) ([a-z ]+)\.\*\*", text("docs/theses.md"), flags=re.M):
        assert re.search(rf"^\| {name} \|.*\| {verdict}\b", part, flags=re.M), name
    shares = re.findall(r"([\d.]+ %)", part)
    assert len(shares) == 3
    for share in shares:
        assert re.search(rf"^\| .* \| {share} \|", text("docs/validation.md"), flags=re.M), share
    for count in re.findall(r"([\d,]+) runs", part):
        assert f"{count} runs" in text("docs/theses.md") + text("docs/validation.md"), count


def test_the_readme_example_runs(capsys):
    example = re.findall(r"^```python\n(.*?)^```", text("README.md"), flags=re.S | re.M)
    assert len(example) == 1
    names = {}
    exec(compile(example[0], "README.md", "exec"), names)
    assert list(names["run"].summary["deaths"]) == list(codes.SIDES)
    assert set(names["table"]["outcome"]) <= set(OUTCOMES)
    assert len(names["table"]) == 8
    assert all(error == "" for error in names["table"]["error"])
    assert "RunResult mali_2025 seed 3" in capsys.readouterr().out


def test_the_drivers_of_the_readme_exist():
    assert set(re.findall(r'driver="(\w+)"', text("README.md"))) <= set(DRIVERS)


def test_every_python_block_of_the_page_on_recordings_runs(monkeypatch):
    monkeypatch.chdir(ROOT)  # one block names a file of the checkout
    blocks = re.findall(r"^```python\n(.*?)^```", text("docs/recording.md"), flags=re.S | re.M)
    assert len(blocks) == 2
    for k, block in enumerate(blocks):  # each by itself: a reader copies one
        exec(compile(block, f"docs/recording.md, block {k + 1}", "exec"), {})
