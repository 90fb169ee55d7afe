"""What lamarck itself computed about a trace, so that a script can compare its own numbers with it.

A report on real scores is `report.json` and `tables/NAME.csv`; one on synthetic scores has the word in each name
(`report-synthetic.json`, `tables-synthetic/NAME-synthetic.csv`). These helpers find either.
"""

import json
import math
from pathlib import Path


def header(trace):
    """`trace.json`: the study, the decisions and options that choices are numbers of, the plugins."""
    return json.loads((Path(trace) / "trace.json").read_text())


def report(trace):
    """`report.json`, whose shape docs/report.schema.json describes."""
    (path,) = Path(trace).glob("report*.json")
    return json.loads(path.read_text())


def findings(trace, key):
    """A finding's value at each point: the median over replicates."""
    for section in report(trace)["sections"]:
        for finding in section["findings"]:
            if finding["key"] == key:
                return {value["point"]: value["value"] for value in finding["values"]}
    raise KeyError(f"the report has no finding `{key}`")


def chart(trace, key):
    """A chart's data at each point."""
    for section in report(trace)["sections"]:
        for chart in section["charts"]:
            if chart["key"] == key:
                return {panel["point"]: panel["body"] for panel in chart["panels"]}
    raise KeyError(f"the report has no chart `{key}`")


def table_path(trace, name):
    """The CSV file of a table: every run's rows, with point and replicate in front."""
    (path,) = [p for p in Path(trace).glob("tables*/*.csv") if p.stem in (name, f"{name}-synthetic")]
    return path


def same(what, mine, lamarcks):
    """Prints both numbers, or lists of them, and stops the script where they differ by more than rounding."""
    # What is missing on either side is not a number, which equals nothing.
    mine, lamarcks = ([math.nan if x is None else float(x) for x in numbers] for numbers in (mine, lamarcks))
    equal = len(mine) == len(lamarcks) > 0 and all(
        math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(mine, lamarcks)
    )
    show = lambda numbers: ", ".join(f"{number:,.6g}" for number in numbers[:4]) + (" .." if len(numbers) > 4 else "")
    print(f"{'equal ' if equal else 'DIFFER'}  {what}: {show(mine)} | lamarck: {show(lamarcks)} (n = {len(mine)})")
    if not equal:
        raise SystemExit(f"{what}: these are not lamarck's numbers")
