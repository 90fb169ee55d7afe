#!/usr/bin/env python3
"""A mutation operator for Lamarck: changes one decision, as the built-in `one-decision` does.

Standard library only. All randomness follows from the seeds that come with the requests,
so a study gives the same bytes every time. docs/external.md describes the messages.
"""
import json
import random
import sys


def reply(**message):
    print(json.dumps(message), flush=True)  # a line that stays in a buffer is never answered


def mutate(request):
    """A copy of the parent in which one decision took another option."""
    rng = random.Random(request["seed"])
    child = list(request["parent"])
    decision = rng.choice(changeable)
    step = rng.randrange(1, len(decisions[decision]["options"]))
    child[decision] = (child[decision] + step) % len(decisions[decision]["options"])
    return child


def recombine(request):
    """Everything before a random cut from one parent, everything after it from the other."""
    cut = random.Random(request["seed"]).randrange(len(decisions) + 1)
    return request["parent"][:cut] + request["other"][cut:]


for line in sys.stdin:  # ends when Lamarck closes our standard input
    message = json.loads(line)
    if message["type"] == "hello":
        decisions = message["space"]["decisions"]
        changeable = [i for i, d in enumerate(decisions) if len(d["options"]) > 1]
        reply(type="hello", protocol=1, name="one-decision in Python", version="1.0", capabilities=["recombine"])
    elif message["type"] == "mutate":
        reply(type="children", id=message["id"], children=[mutate(r) for r in message["requests"]])
    elif message["type"] == "recombine":
        reply(type="children", id=message["id"], children=[recombine(r) for r in message["requests"]])
    else:
        reply(type="error", id=message.get("id"), message="unknown message " + message["type"])
