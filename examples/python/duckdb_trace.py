"""Five questions to a trace, in SQL with DuckDB: python duckdb_trace.py TRACE

The same questions as in pandas_trace.py and polars_trace.py. DuckDB reads only the columns that a query names.
`== lamarck ==` compares with lamarck's own report.
"""

import sys

import duckdb
from lamarck_report import findings, header, same, table_path

trace = sys.argv[1]
db = duckdb.connect()
parts = f"'{trace}/candidates/*.parquet', filename = true, file_row_number = true"
db.sql(f"CREATE VIEW candidates AS FROM read_parquet({parts})")
db.sql(f"CREATE VIEW layers AS FROM read_parquet('{trace}/layers/*.parquet')")
for name in ("goals", "leaders", "decisions"):
    db.sql(f"CREATE VIEW {name} AS FROM read_csv('{table_path(trace, name)}')")
# Files are in the order of their names, and rows in the order in which candidates finished; a SQL table has no order.
db.sql("""CREATE TABLE numbered AS SELECT *, row_number() OVER run AS completion
          FROM candidates WINDOW run AS (PARTITION BY point, replicate ORDER BY filename, file_row_number)""")

print("\n1. How good is the best so far?")
db.sql("""CREATE TABLE scored AS SELECT *, max(score) OVER run AS best FROM numbered WHERE status = 'ok'
          WINDOW run AS (PARTITION BY point, replicate ORDER BY completion)""")
print(db.sql("""SELECT point, replicate, max(best) FILTER (completion <= 100) AS after_100,
                       max(best) FILTER (completion <= 500) AS after_500 FROM scored GROUP BY ALL ORDER BY ALL"""))
print("\n2. How long until a score is reached?")
db.sql("""CREATE TABLE reached AS
          SELECT point, replicate, goal, min(completion) AS completions, min(finished_us) / 3.6e9 AS hours
          FROM goals JOIN scored USING (point, replicate) WHERE scored.best >= goals.score GROUP BY ALL""")
print(db.sql("SELECT point, replicate, completions, hours FROM reached WHERE goal = 'the best' ORDER BY ALL"))
print("\n3. Which donors are popular, and when? (sliding window of 100 completions)")
# For each donation, how many of the same donor lie in the window that ends with it; one of them is the maximum.
db.sql("""CREATE TABLE popular AS
          SELECT point, replicate, donor, max(n) AS peak, arg_max(completion, n) AS at_completion, count(*) AS donations
          FROM (SELECT *, count(*) OVER (PARTITION BY point, replicate, donor ORDER BY completion
                                         RANGE BETWEEN 99 PRECEDING AND CURRENT ROW) AS n
                FROM numbered WHERE donor IS NOT NULL) GROUP BY ALL""")
print(db.sql("""FROM popular QUALIFY row_number() OVER (PARTITION BY point, replicate ORDER BY peak DESC, donor) <= 3
                ORDER BY point, replicate, peak DESC"""))
print("\n4. Which mutations improve on the parent?")
decisions = header(trace)["spaces"][0]["decisions"]
db.execute("CREATE TABLE names AS SELECT unnest(range(?)) AS changed_decision, unnest(?) AS decision",
           [len(decisions), [decision["name"] for decision in decisions]])
print(db.sql("""SELECT child.mutator, decision, count(*) AS children, avg((child.score > parent.score)::INT) AS improve
                FROM scored child JOIN scored parent
                  ON (child.point, child.replicate, child.parent) = (parent.point, parent.replicate, parent.id)
                JOIN names ON child.changed_decision = names.changed_decision
                WHERE child.origin = 'mutation' GROUP BY ALL ORDER BY ALL"""))
print("\n5. Where do bytes come from, and where do they go? (MiB)")
db.sql("""CREATE TABLE moved AS SELECT point, replicate, sum(cached_bytes) AS cached,
                 sum(prefix_bytes - coalesce(cached_bytes, 0)) AS fetched, sum(stored_bytes) AS written
          FROM candidates GROUP BY ALL""")
print(db.sql("SELECT point, replicate, COLUMNS('cached|fetched|written') / 2**20 FROM moved ORDER BY ALL"))
# Layer by layer: `cached` is null where a candidate trained the layer itself. Those lost in training have no rows.
db.sql("""CREATE TABLE tiers AS
          SELECT point, replicate, candidate, c.mutator, c.prefix_bytes - coalesce(c.cached_bytes, 0) AS fetched,
                 coalesce(sum(l.bytes) FILTER (l.cached = 'node'), 0) AS node,
                 coalesce(sum(l.bytes) FILTER (l.cached = 'repository'), 0) AS repository,
                 coalesce(sum(l.bytes) FILTER (l.cached IS NULL), 0) AS trained
          FROM layers l JOIN (SELECT *, id AS candidate FROM candidates) c USING (point, replicate, candidate)
          GROUP BY ALL""")
means = "COLUMNS('^(node|repository|trained)$')"
print(db.sql(f"SELECT point, mutator, avg({means}) / 2**20 FROM tiers GROUP BY ALL ORDER BY ALL"))
print("\n== lamarck ==")
def compare(what, query):
    same(what, *zip(*db.sql(query).fetchall()))
# Left joins: what lamarck lists and DuckDB has not is a difference, not a row less.
found = "FROM goals LEFT JOIN reached USING (point, replicate, goal)"
compare("completions until a goal", f'SELECT completions, "finished candidates" {found}')
compare("hours until a goal", f'SELECT hours, "virtual time [h]" {found}')
compare("peaks of leading donors", """SELECT peak, "peak [donations in a window]"
                                      FROM leaders LEFT JOIN popular USING (point, replicate, donor)""")
compare("mutations of a decision", """SELECT count(id), any_value(mutations) FROM decisions JOIN names USING (decision)
    LEFT JOIN candidates USING (point, replicate, changed_decision) GROUP BY point, replicate, decision""")
compare("bytes read, layer by layer", "SELECT repository, coalesce(fetched, 0) FROM tiers")
for tier, key in (("cached", "bytes-cached"), ("fetched", "bytes-fetched"), ("written", "bytes-written")):
    medians = db.sql(f"SELECT median({tier}) FROM moved GROUP BY point ORDER BY point").fetchall()
    same(f"bytes {tier}", (median for (median,) in medians), findings(trace, key).values())
