"""Five questions to a trace, in Polars: python polars_trace.py TRACE

The same questions as in pandas_trace.py and duckdb_trace.py. Each question reads only the columns that it
needs; `collect(engine="streaming")` is for traces larger than the memory. `== lamarck ==` compares with lamarck's report.
"""

import sys

import polars as pl
from lamarck_report import findings, header, same, table_path

trace = sys.argv[1]
run = ["point", "replicate"]  # what a run is; ids are unique within one only
candidates = pl.scan_parquet(f"{trace}/candidates/*.parquet")
layers = pl.scan_parquet(f"{trace}/layers/*.parquet")

# Files are read in the order of their names, and rows stand in the order in which candidates finished.
candidates = candidates.with_columns(completion=pl.int_range(1, pl.len() + 1).over(run))

print("\n1. How good is the best so far?")
scored = candidates.filter(pl.col("status") == "ok").with_columns(best=pl.col("score").cum_max().over(run))
at = [pl.col("best").filter(pl.col("completion") <= n).last().alias(f"after {n}") for n in (50, 100, 200, 500)]
print(scored.group_by(run).agg(at).sort(run).collect())
print("\n2. How long until a score is reached?")
goals = pl.scan_csv(table_path(trace, "goals")).with_columns(pl.col(run).cast(pl.Int32))
first = (
    scored.join(goals.select(*run, "goal", wanted="score"), on=run, maintain_order="left")
    .filter(pl.col("best") >= pl.col("wanted"))
    .group_by(*run, "goal").agg(pl.col("completion", "finished_us").first())
    .with_columns(hours=pl.col("finished_us") / 3.6e9)
)
print(first.filter(pl.col("goal") == "the best").sort(run).collect())
print("\n3. Which donors are popular, and when? (sliding window of 100 completions)")
# For each donation, how many of the same donor lie in the window that ends with it; one of them is the maximum.
popular = (
    candidates.drop_nulls("donor").sort(*run, "completion")
    .with_columns(popularity=pl.len().rolling("completion", period="100i").over(*run, "donor"))
    .sort("popularity", descending=True, maintain_order=True)
    .group_by(*run, "donor").agg(peak=pl.col("popularity").first(), at=pl.col("completion").first())
)
print(popular.sort("peak", "donor", descending=[True, False]).group_by(run).head(3).sort(run).collect())
print("\n4. Which mutations improve on the parent?")
decisions = header(trace)["spaces"][0]["decisions"]
names = pl.LazyFrame({"changed_decision": range(len(decisions)), "decision": [d["name"] for d in decisions]},
                     schema_overrides={"changed_decision": pl.Int32})
parents = scored.select(*run, parent="id", parent_score="score")
children = scored.filter(pl.col("origin") == "mutation").join(parents, on=[*run, "parent"])
children = children.join(names, on="changed_decision").with_columns(better=pl.col("score") > pl.col("parent_score"))
kinds = children.group_by("mutator", "decision").agg(children=pl.len(), better=pl.col("better").mean())
print(kinds.sort("mutator", "decision").collect())
print("\n5. Where do bytes come from, and where do they go? (MiB)")
moved = candidates.group_by(run).agg(
    cached=pl.col("cached_bytes").sum(),
    fetched=pl.col("prefix_bytes").sum() - pl.col("cached_bytes").sum(),
    written=pl.col("stored_bytes").sum(),
)
print(moved.with_columns(pl.col("cached", "fetched", "written") / 2**20).sort(run).collect())
# Layer by layer: `cached` is null where a candidate trained the layer itself. Those lost in training have no rows.
names_of_tiers = ("node", "repository", "trained")
tier = pl.col("cached").fill_null("trained")
of_tier = [pl.col("bytes").filter(tier == name).sum().alias(name) for name in names_of_tiers]
tiers = layers.group_by(*run, "candidate").agg(of_tier)
tiers = tiers.join(candidates.drop("node"), left_on=[*run, "candidate"], right_on=[*run, "id"])
print(tiers.group_by("point", "mutator").agg(pl.col(names_of_tiers).mean() / 2**20).sort("point", "mutator").collect())
print("\n== lamarck ==")
# Left joins: what lamarck lists and Polars has not is a difference, not a row less.
on_goal = goals.join(first, on=[*run, "goal"], how="left").collect()
same("completions until a goal", on_goal["completion"], on_goal["finished candidates"])
same("hours until a goal", on_goal["hours"], on_goal["virtual time [h]"])
leaders = pl.scan_csv(table_path(trace, "leaders")).cast({"point": pl.Int32, "replicate": pl.Int32})
leaders = leaders.join(popular, on=[*run, "donor"], how="left").collect()
same("peaks of leading donors", leaders["peak"], leaders["peak [donations in a window]"])
made = candidates.join(names, on="changed_decision").group_by(*run, "decision").agg(made=pl.len())
of_decision = pl.scan_csv(table_path(trace, "decisions")).cast({"point": pl.Int32, "replicate": pl.Int32})
made = of_decision.join(made, on=[*run, "decision"], how="left").collect()
same("mutations of a decision", made["made"].fill_null(0), made["mutations"])
read = tiers.select("repository", expected=(pl.col("prefix_bytes") - pl.col("cached_bytes").fill_null(0)).fill_null(0))
same("bytes read, layer by layer", *read.collect())
median = moved.group_by("point").median().sort("point").collect()
for tier, key in (("cached", "bytes-cached"), ("fetched", "bytes-fetched"), ("written", "bytes-written")):
    same(f"bytes {tier}", median[tier], findings(trace, key).values())
