"""Makes the Syne Tune experiment of core/import/tests/data/syne-tune, with Syne Tune itself.

    python3 -m venv venv && venv/bin/pip install "syne-tune==0.16.0"
    venv/bin/python core/import/tests/make/syne_tune_experiment.py core/import/tests/data/syne-tune

ASHA over 24 trials on two workers of the local backend: trials are stopped early, one fails. Writes `results.csv.zip` and
`metadata.json` as Syne Tune leaves them, and `expected.csv`: what pandas finds to be each trial's last report.
Times are those of the making.
"""

import pathlib
import shutil
import sys

import pandas
from syne_tune import StoppingCriterion, Tuner
from syne_tune.backend import PythonBackend
from syne_tune.config_space import choice, lograndint, loguniform, randint
from syne_tune.optimizer.baselines import ASHA


def train(width, units, act, rate, epochs):
    import time

    from syne_tune import Reporter

    report = Reporter()
    for epoch in range(1, epochs + 1):
        time.sleep(0.05)
        if width == 3 and units == 2 and epoch == 3:
            raise RuntimeError("out of memory")
        loss = abs(width - 4) + units / 8 + (0.5 if act == "relu" else 1.0) + rate + 1 / epoch
        report(epoch=epoch, loss=loss)


def main():
    where = pathlib.Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    space = {
        "width": randint(0, 7),
        "units": lograndint(1, 8),
        "act": choice(["relu", "tanh", "elu"]),
        "rate": loguniform(1e-5, 1e-1),
        "epochs": 4,
    }
    tuner = Tuner(
        trial_backend=PythonBackend(tune_function=train, config_space=space),
        scheduler=ASHA(
            space, metric="loss", do_minimize=True, time_attr="epoch", max_t=4, grace_period=1, random_seed=5
        ),
        stop_criterion=StoppingCriterion(max_num_trials_finished=24),
        n_workers=2,
        sleep_time=0.1,
        max_failures=10,
        tuner_name="asha-cells",
        save_tuner=False,
    )
    tuner.run()
    for name in ("results.csv.zip", "metadata.json"):
        shutil.copy(tuner.tuner_path / name, where / name)
    results = pandas.read_csv(where / "results.csv.zip")
    last = results.sort_values("st_tuner_time", kind="stable").groupby("trial_id").tail(1)
    last = last.sort_values("trial_id")[["trial_id", "loss", "epoch", "st_decision", "st_status", "st_tuner_time"]]
    last.to_csv(where / "expected.csv", index=False)


if __name__ == "__main__":
    main()
