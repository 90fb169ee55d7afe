"""Makes the Ray Tune experiment of core/import/tests/data/ray-tune, with Ray itself.

    python3 -m venv venv && venv/bin/pip install "ray[tune]==2.60.0"
    venv/bin/python core/import/tests/make/ray_tune_experiment.py core/import/tests/data/ray-tune

Twelve trials, two at a time; one fails, some are stopped early. Writes `results.csv` (`ResultGrid.get_dataframe()`)
and, of six trials, the folder with `progress.csv`, `result.json` and `params.json` as Ray leaves them.
Times are those of the making.
"""

import pathlib
import shutil
import sys
import tempfile

import ray
from ray import tune
from ray.tune.schedulers import ASHAScheduler


def train(config):
    import time

    for epoch in range(1, 5):
        time.sleep(0.05)
        if config["cell"]["width"] == 0 and epoch == 2 or config["units"] == 2 and config["act"] == "tanh":
            raise RuntimeError("out of memory")
        accuracy = 1 - abs(config["cell"]["width"] - 2) / 8 - config["units"] / 40 - 0.2 / epoch
        if config["act"] == "relu":
            accuracy += 0.05
        tune.report({"accuracy": accuracy, "epoch": epoch})


def main():
    where = pathlib.Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    with tempfile.TemporaryDirectory() as folder:
        tuner = tune.Tuner(
            train,
            param_space={
                "cell": {"width": tune.randint(0, 4), "bias": tune.choice([True, False])},
                "units": tune.choice([1, 2, 4, 8]),
                "act": tune.choice(["relu", "tanh"]),
                "rate": tune.loguniform(1e-5, 1e-1),
            },
            tune_config=tune.TuneConfig(
                metric="accuracy",
                mode="max",
                num_samples=12,
                max_concurrent_trials=2,
                scheduler=ASHAScheduler(max_t=4, grace_period=2),
            ),
            run_config=tune.RunConfig(name="cells", storage_path=folder, verbose=0),
        )
        grid = tuner.fit()
        grid.get_dataframe().to_csv(where / "results.csv", index=False)
        for trial in sorted(pathlib.Path(folder, "cells").glob("train_*"))[:6]:
            to = where / "trials" / trial.name.split("_act=")[0]
            to.mkdir(parents=True, exist_ok=True)
            for name in ("progress.csv", "result.json", "params.json"):
                if (trial / name).exists():
                    shutil.copy(trial / name, to / name)


if __name__ == "__main__":
    import random

    import numpy

    random.seed(4)
    numpy.random.seed(4)
    main()
