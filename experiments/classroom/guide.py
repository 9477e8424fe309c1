"""The teacher's guide of a lesson: ``docs/lessons/NAME.md`` as a page, its worksheet, and its measured block."""

from __future__ import annotations

import re
from pathlib import Path

from experiments.messages import ConfigurationError
from experiments.paths import conf_dir

BEGIN, END = "<!-- observed: begin -->", "<!-- observed: end -->"
HEADINGS = (
    "What is it?",
    "How it works",
    "How to use it",
    "Things to notice",
    "Things to try",
    "Extending the model",
    "Learning goals",
    "Plan for 45 minutes",
    "Levers and what to expect",
    "The misconception",
    "Worksheet",
    "Answers",
    "Debrief",
    "Ethics note",
    "Reading",
)
"""The headings of every guide, in order: first those of NetLogo's Info tab, then what a teacher needs."""

ABOUT = ("What is it?", "How it works", "How to use it", "Things to notice", "Things to try", "Ethics note", "Reading")
"""What students see of it; plan, expectations and answers are for the teacher."""


class GuideError(ConfigurationError):
    """A guide that is missing or lacks something."""


def guide_path(name: str) -> Path:
    """Return a lesson's guide: ``docs/lessons`` in a checkout, ``conf/lesson/guide`` in an installed wheel.

    Raises:
        GuideError: there is none.
    """
    installed = conf_dir() / "lesson" / "guide" / f"{name}.md"
    checkout = conf_dir().parent / "docs" / "lessons" / f"{name}.md"
    for path in (installed, checkout):
        if path.is_file():
            return path
    raise GuideError(f"lesson {name}: no guide docs/lessons/{name}.md")


def sections(text: str) -> dict[str, str]:
    """Return a guide's sections by heading (Markdown), what stands before the first under its title."""
    parts = re.split(r"^## (.+)$", text, flags=re.M)
    return {"": parts[0], **{parts[k].strip(): parts[k + 1].strip() for k in range(1, len(parts), 2)}}


def section(name: str, heading: str) -> str:
    """Return one section of a lesson's guide (Markdown).

    Raises:
        GuideError: it has none of that heading.
    """
    found = sections(guide_path(name).read_text(encoding="utf-8"))
    if heading not in found:
        raise GuideError(f"lesson {name}: the guide has no section {heading!r}")
    return found[heading]


def to_html(markdown: str) -> str:
    """Return Markdown as HTML; raw HTML in it is shown as text, comments are left out."""
    from markdown_it import MarkdownIt

    plain = re.sub(r"<!--.*?-->", "", markdown, flags=re.S)
    html = str(MarkdownIt("commonmark", {"html": False}).enable("table").render(plain))
    # Wide tables scroll by themselves, also by keyboard.
    framed = html.replace("<table>", '<div class="scroll" role="region" aria-label="table" tabindex="0"><table>')
    # Pages are handed out as single files: a link to another file of the project would lead nowhere.
    named = re.sub(r'<a href="(?:\.\./)+([\w/]+\.md)[^"]*">(.*?)</a>', r"\2 (docs/\1 in the project)", framed)
    return named.replace("</table>", "</table></div>")


def about_html(name: str) -> str:
    """Return what students see of the guide, as HTML."""
    return to_html("\n\n".join(f"### {heading}\n\n{section(name, heading)}" for heading in ABOUT))


def worksheet_html(name: str) -> str:
    """Return the worksheet as HTML; lines to write on are rules in the Markdown."""
    return to_html(section(name, "Worksheet"))


def guide_html(name: str) -> str:
    """Return the whole guide as HTML."""
    return to_html(guide_path(name).read_text(encoding="utf-8"))


def with_observed(text: str, block: str) -> str:
    """Return a guide with its measured block replaced.

    Raises:
        GuideError: it has no such block.
    """
    if BEGIN not in text or END not in text:
        raise GuideError(f"guide: no block between {BEGIN!r} and {END!r}")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{block.strip()}\n{END}{tail}"


def observed(text: str) -> str:
    """Return the measured block of a guide, without its marks."""
    return text.partition(BEGIN)[2].partition(END)[0].strip()
