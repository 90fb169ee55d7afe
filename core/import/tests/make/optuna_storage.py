"""Makes the Optuna storages of core/import/tests/data, and what Optuna itself says is in them.

    python3 -m venv venv && venv/bin/pip install "optuna==4.9.0" pandas
    venv/bin/python core/import/tests/make/optuna_storage.py core/import/tests/data/optuna

Writes FOLDER/VERSION.db (SQLite), FOLDER/VERSION.journal (journal file) and, for each study of each, a CSV file of
`study.trials_dataframe()`. Made with optuna 3.6.2, 4.9.0 and 5.0.0 on Python 3.11; times are those of the making,
everything else follows from the seeds.
"""

import pathlib
import random
import sqlite3
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
SHORT = ".".join(optuna.__version__.split(".")[:2])


def objective(trial):
    """Every kind of parameter, one that only some trials have, pruned and failing trials."""
    if trial.number == 9:
        raise ValueError("fails before any parameter is drawn")
    width = trial.suggest_int("width", 16, 128, step=16)
    units = trial.suggest_int("units", 1, 8, log=True)
    many = trial.suggest_int("many", 1, 100_000)
    kind = trial.suggest_categorical("kind", [None, True, "relu", 0.5, 2, "2"])
    dropout = trial.suggest_float("dropout", 0.1, 0.5, step=0.1)
    rate = trial.suggest_float("rate", 1e-5, 1e-1, log=True)
    if kind == "relu" or kind is None:
        trial.suggest_int("depth", 1, 3)
    if trial.number in (4, 17):
        raise ValueError("out of memory")
    if trial.number == 21:
        return float("inf")
    value = abs(width - 64) / 64 + dropout + abs(units - 3) / 10 + rate + many * 1e-7
    for step in range(2):
        trial.report(value + 1 / (step + 1), step)
        if trial.number % 6 == 5 and step == 1:
            raise optuna.TrialPruned()
    trial.set_user_attr("parent", trial.number // 2) if trial.number in (12, 13) else None
    return value


def two(trial):
    """Two objectives, integers only."""
    x, y = trial.suggest_int("x", 0, 7), trial.suggest_int("y", 0, 7)
    return x * y, (x - y) ** 2


def fill(storage, where, label):
    study = optuna.create_study(
        storage=storage, study_name="cell", direction="minimize", sampler=optuna.samplers.RandomSampler(seed=7)
    )
    study.enqueue_trial({"width": 64, "kind": "relu"})
    study.optimize(objective, n_trials=26, catch=(ValueError,))
    study.enqueue_trial({"width": 32})
    fronts = optuna.create_study(
        storage=storage,
        study_name="fronts",
        directions=["maximize", "minimize"],
        sampler=optuna.samplers.NSGAIISampler(population_size=8, seed=3),
    )
    if hasattr(fronts, "set_metric_names"):
        fronts.set_metric_names(["product", "distance"])
    fronts.optimize(two, n_trials=16)
    # A trial that is still running, as after a crash.
    running = study.ask()  # takes the enqueued trial
    running.suggest_int("width", 16, 128, step=16)
    study.enqueue_trial({"width": 48})
    for each in (study, fronts):
        frame = each.trials_dataframe(multi_index=False)
        frame.to_csv(where / f"{label}.{each.study_name}.csv", index=False)


def main():
    where = pathlib.Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    random.seed(0)

    database = where / f"{SHORT}.db"
    database.unlink(missing_ok=True)
    storage = optuna.storages.RDBStorage(f"sqlite:///{database}")
    fill(storage, where, f"{SHORT}.db")
    storage.remove_session()
    storage.engine.dispose()
    # Small pages: the file would be some 150 KB of mostly empty pages.
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("pragma page_size = 512")
    connection.execute("vacuum")
    connection.close()

    journal = where / f"{SHORT}.journal"
    journal.unlink(missing_ok=True)
    try:
        backend = optuna.storages.journal.JournalFileBackend(str(journal))
    except AttributeError:  # before optuna 4.0
        backend = optuna.storages.JournalFileStorage(str(journal))
    fill(optuna.storages.JournalStorage(backend), where, f"{SHORT}.journal")


main()
