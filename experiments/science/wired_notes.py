"""What the lead-in tables of ``docs/no_wired_result.md`` cannot say: root causes, found by looking into the rules."""

NOTES = """\
## Read with care
"""
