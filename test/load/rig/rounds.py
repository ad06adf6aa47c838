"""Rounds: product and reference take turns, and each pair of measurements gives one ratio."""
import json
import os
import statistics

from processes import LOAD

SERVER_CPU, LOAD_CPU = 0, 1


def median(rows, key):
    return statistics.median(row[key] for row in rows if row.get(key) is not None)


class Result:
    """One comparison. `goal` is (text, function of the ratio or value that says whether it is met)."""

    def __init__(self, what, unit, goal=None):
        self.what, self.unit, self.goal = what, unit, goal
        self.product, self.reference = [], []  # a dict for each round
        self.key = None
        self.reference_name = ''
        self.notes = {}

    def ratio_of(self, key):
        pairs = [p[key] / r[key] for p, r in zip(self.product, self.reference) if r.get(key)]
        return statistics.median(pairs) if pairs else None

    @property
    def value(self):
        return median(self.product, self.key)

    @property
    def judged(self):
        return self.ratio_of(self.key) if self.reference else self.value

    @property
    def met(self):
        return None if self.goal is None else bool(self.goal[1](self.judged))

    def as_dict(self):
        return {'what': self.what, 'unit': self.unit, 'key': self.key,
                'goal': self.goal[0] if self.goal else None, 'met': self.met, 'value': self.value,
                'reference_name': self.reference_name,
                'reference_value': median(self.reference, self.key) if self.reference else None,
                'ratio': self.ratio_of(self.key) if self.reference else None,
                'medians': medians(self.product), 'reference_medians': medians(self.reference),
                'notes': self.notes, 'rounds': self.product, 'reference_rounds': self.reference}


def medians(rows):
    keys = {key for row in rows for key, value in row.items() if isinstance(value, (int, float))}
    return {key: median(rows, key) for key in sorted(keys)}


def at_least(limit):
    return f'≥ {limit:g}', lambda value: value is not None and value >= limit


def at_most(limit, unit=''):
    return f'≤ {limit:g}{unit}', lambda value: value is not None and value <= limit


class Rig:
    def __init__(self, chosen, machine, processes):
        self.chosen, self.machine, self.processes = chosen, machine, processes
        self.position = 0  # of the next phone number nobody used

    def fresh(self, count=10**6):
        """The begin of `count` positions of phone_sequence.hpp; a run has a thousand million."""
        self.position += count
        return self.position - count

    def alternate(self, product, reference=None):
        """Runs both in turn for each round, the other one first in every second round."""
        rows = ([], [])
        for number in range(self.chosen.rounds):
            order = [(product, rows[0])] + ([(reference, rows[1])] if reference else [])
            for measure, into in order if number % 2 == 0 else reversed(order):
                into.append(measure())
        return rows

    def load(self, program, *words, cpu=LOAD_CPU, **how):
        """Runs a load program; its JSON."""
        command = [os.path.join(LOAD, program), *map(str, words)]
        return json.loads(self.processes.run(command, cpu=cpu, **how))

    def measure(self, server, count_key, program, *words, **how):
        """The same, with the server's CPU microseconds for each of what `count_key` counts."""
        before = server.cpu_seconds()
        got = self.load(program, *words, **how)
        used = server.cpu_seconds() - before
        got['cpu_us'] = used * 1e6 / got[count_key] if got[count_key] else None
        got['cpu_share'] = used / got['seconds']
        got['rss_kib'] = server.rss_kib()
        return got
