#!/usr/bin/env python3
"""Regularized evolution (Real et al., AAAI 2019, arXiv:1802.01548) as a strategy for Lamarck.

The last `population` finished candidates are kept; a parent is the best of `sample` of them,
drawn without replacement. Standard library only; docs/external.md describes the messages.
"""
import json
import random
import sys
from collections import deque


def reply(**message):
    print(json.dumps(message), flush=True)  # a line that stays in a buffer is never answered


def better(member):
    """Sorts the best first: higher score, then lower id; a failure is worse than any score."""
    score, candidate = member
    return (-score if score is not None else float("inf"), candidate)


def propose(seed):
    if len(population) < size:
        return {"type": "sample"}
    winner = min(random.Random(seed).sample(population, sample), key=better)
    rank = 1 + sum(better(member) < better(winner) for member in population)
    return {"type": "mutate", "parent": winner[1], "rank": rank}


def enter(finished):
    """Takes in finished candidates; the oldest leave, whatever their score."""
    released = []
    for candidate in finished:
        population.append((candidate["score"], candidate["candidate"]))
        if len(population) > size:
            released.append(population.popleft()[1])
    return released


population = deque()
for line in sys.stdin:  # ends when Lamarck closes our standard input
    message = json.loads(line)
    if message["type"] == "hello":
        size = message["options"].get("population", 100)
        sample = min(message["options"].get("sample", 10), size)
        # Of W busy workers, W - 1 are still at work when the population is full.
        phase = {"random_phase": size + message["workers"] - 1} if message["batch"] == 1 else {}
        reply(type="hello", protocol=1, name="regularized evolution in Python", version="1.0",
              capabilities=["batch"], **phase)
    elif message["type"] == "tell":
        reply(type="told", id=message["id"], released=enter(message["finished"]))
    elif message["type"] == "ask":
        released = enter(message.get("finished", []))
        reply(type="proposals", id=message["id"], proposals=[propose(s) for s in message["seeds"]],
              released=released)
