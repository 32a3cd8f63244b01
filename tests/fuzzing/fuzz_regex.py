"""Compares origin automata with `re.fullmatch` on as many pairs of a pattern and a value as wanted.

`make fuzz` runs it. Pattern number n of a seed is always the same pattern, with the same values. The first
divergence is printed as lines of Python that show it.
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator

from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn
from support.patterns import Comparison, compare

BATCH = 100
VALUES = 60

REPRODUCER = """\
# seed {seed}, pattern {number}
import re
from fastcors.origins.regex.automaton import compile_origin_regex
pattern, value = re.compile({pattern!a}), {value!r}
assert compile_origin_regex(pattern).matches(value) is (pattern.fullmatch(value.decode("latin-1")) is not None)
"""


def batch(arguments: tuple[int, int]) -> tuple[Counter[str], str | None]:
    """Compare the patterns of one batch: counts, and what shows the first divergence."""
    first, seed = arguments
    counts: Counter[str] = Counter()
    for number in range(first, first + BATCH):
        compared = compare(random.Random(seed << 40 | number), VALUES)
        if compared is not None:
            _count(counts, compared)
            if compared.diverging is not None:
                shown = {"pattern": compared.pattern, "value": compared.diverging, "seed": seed, "number": number}
                return counts, REPRODUCER.format(**shown)
    return counts, None


def _count(counts: Counter[str], compared: Comparison) -> None:
    counts["pairs"] += compared.pairs
    counts["pairs that match"] += compared.matched
    counts["pairs left out, because re is too slow"] += compared.left_out
    counts["patterns"] += 1
    if compared.construct is not None:
        counts[f"patterns left to re: {compared.construct}"] += 1


def batches(seed: int) -> Iterator[tuple[int, int]]:
    first = 0
    while True:
        yield first, seed
        first += BATCH


def run(pairs: int, seed: int, processes: int) -> tuple[Counter[str], str | None]:
    """Compare until `pairs` pairs were compared or one diverges."""
    counts: Counter[str] = Counter()
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with multiprocessing.Pool(processes) as pool, Progress(*columns) as progress:
        task = progress.add_task("regex", total=pairs)
        numbered = batches(seed)
        while counts["pairs"] < pairs:
            # A round at a time, so that no more is asked for than is wanted.
            for counted, reproducer in pool.map(batch, [next(numbered) for _ in range(4 * processes)]):
                counts += counted
                if reproducer is not None:
                    return counts, reproducer
            progress.update(task, completed=counts["pairs"])
    return counts, None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    print(f"{options.pairs:,} pairs of a pattern and a value, seed {options.seed}, against re.fullmatch")
    counts, reproducer = run(options.pairs, options.seed, options.processes)
    for what, count in counts.most_common():
        print(f"{count:12,} {what}")
    if reproducer is not None:
        print(f"\nA divergence:\n\n{reproducer}")
        return 1
    print("no divergence")
    return 0


if __name__ == "__main__":
    sys.exit(main())
