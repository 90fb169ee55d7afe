"""Five questions to a trace, in pandas: python pandas_trace.py TRACE

The same questions as in polars_trace.py and duckdb_trace.py. `== lamarck ==` compares with lamarck's own report.
"""

import sys

import pandas as pd
from lamarck_report import findings, header, same, table_path

trace = sys.argv[1]
# pyarrow's types keep columns with nulls whole numbers; numpy's would make floats of `parent` and all others.
candidates = pd.read_parquet(f"{trace}/candidates", dtype_backend="pyarrow")
layers = pd.read_parquet(f"{trace}/layers", dtype_backend="pyarrow")
run = ["point", "replicate"]  # what a run is; ids are unique within one only

# Files are read in the order of their names, and rows stand in the order in which candidates finished.
candidates["completion"] = candidates.groupby(run).cumcount() + 1

print("\n1. How good is the best so far?")
scored = candidates[candidates.status == "ok"].copy()
scored["best"] = scored.groupby(run).score.cummax()
print(scored[scored.completion.isin([50, 100, 200, 500, 1000])].pivot_table("best", "completion", run))

print("\n2. How long until a score is reached?")
goals = pd.read_csv(table_path(trace, "goals"))
reached = scored.merge(goals[[*run, "goal", "score"]], on=run, suffixes=("", "_wanted"))
reached = reached[reached.best >= reached.score_wanted]
first = reached.groupby([*run, "goal"], as_index=False)[["completion", "finished_us"]].first()
first["hours"] = first.finished_us / 3.6e9
print(first[first.goal == "the best"])

print("\n3. Which donors are popular, and when? (sliding window of 100 completions)")
# One column a donor, one row a completion: 1 where that donor lent. A rolling sum is its popularity.
peaks = []
for key, of_run in candidates.groupby(run):
    ones = pd.crosstab(of_run.completion, of_run.donor).reindex(of_run.completion, fill_value=0)
    window = ones.rolling(100, min_periods=1).sum()
    peaks.append(pd.DataFrame({"peak": window.max(), "at": window.idxmax(), "donations": ones.sum()})
                 .rename_axis("donor").reset_index().assign(point=key[0], replicate=key[1]))
popular = pd.concat(peaks)
print(popular.sort_values("peak", ascending=False).groupby(run).head(3).sort_values(run))

print("\n4. Which mutations improve on the parent?")
space = header(trace)["spaces"][0]
names = {at: decision["name"] for at, decision in enumerate(space["decisions"])}
parents = scored[[*run, "id", "score"]].rename(columns={"id": "parent", "score": "parent_score"})
children = scored[scored.origin == "mutation"].merge(parents, on=[*run, "parent"])
children["improves"] = children.score > children.parent_score
children["decision"] = children.changed_decision.map(names)
print(children.groupby(["mutator", "decision"]).improves.agg(["size", "mean"]))

print("\n5. Where do bytes come from, and where do they go? (MiB)")
candidates["fetched_bytes"] = candidates.prefix_bytes - candidates.cached_bytes.fillna(0)
moved = candidates.groupby(run)[["cached_bytes", "fetched_bytes", "stored_bytes"]].sum()
print(moved / 2**20)
# Layer by layer: `cached` is null where a candidate trained the layer itself. Those lost in training have no rows.
tiers = layers.fillna({"cached": "trained"}).groupby([*run, "candidate", "cached"]).bytes.sum().unstack(fill_value=0)
tiers = tiers.reindex(columns=["node", "repository", "trained"], fill_value=0).add_prefix("from_")
names_of_tiers = list(tiers)
tiers = candidates.merge(tiers, left_on=[*run, "id"], right_index=True)
print(tiers.groupby(["point", "mutator"])[names_of_tiers].mean() / 2**20)

print("\n== lamarck ==")
# Left joins: what lamarck lists and pandas has not is a difference, not a row less.
on_goal = goals.merge(first, on=[*run, "goal"], how="left")
same("completions until a goal", on_goal.completion, on_goal["finished candidates"])
same("hours until a goal", on_goal.hours, on_goal["virtual time [h]"])
leaders = pd.read_csv(table_path(trace, "leaders")).merge(popular, on=[*run, "donor"], how="left")
same("peaks of leading donors", leaders.peak, leaders["peak [donations in a window]"])
of_decision = candidates[candidates.changed == 1].assign(decision=candidates.changed_decision.map(names))
of_decision = of_decision.groupby([*run, "decision"]).size().rename("made").reset_index()
made = pd.read_csv(table_path(trace, "decisions")).merge(of_decision, on=[*run, "decision"], how="left")
same("mutations of a decision", made.made.fillna(0), made.mutations)
same("bytes read, layer by layer", tiers.from_repository, tiers.fetched_bytes.fillna(0))
median = moved.groupby("point").median()
same("bytes from the nodes' caches", median.cached_bytes, findings(trace, "bytes-cached").values())
same("bytes from the repository", median.fetched_bytes, findings(trace, "bytes-fetched").values())
same("bytes written", median.stored_bytes, findings(trace, "bytes-written").values())
