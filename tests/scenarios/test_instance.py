"""Instances: made small without loss, and bounds that no choice of candidates exceeds."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from iopdir.scenarios.greedy import fewest, most
from iopdir.scenarios.instance import Instance
from iopdir.scenarios.relaxed import tighten

SEEDS = st.integers(0, 100_000)
quick = settings(deadline=None, max_examples=60)


def random_instance(seed, rows=12, columns=7, groups=1):
    rng = np.random.default_rng(seed)
    covers = rng.random((rows, columns)) < rng.uniform(0.15, 0.6)
    weight = rng.integers(1, 20, rows).astype(float)
    row, site = np.nonzero(covers)
    group = np.sort(rng.integers(0, groups, rows))
    return Instance.of(weight, group, row, site), covers, weight, group


def best(covers, weight, k):
    """Try every choice of up to k columns."""
    sets = (chosen for size in range(k + 1) for chosen in combinations(range(covers.shape[1]), size))
    return max(float(weight[covers[:, list(chosen)].any(axis=1)].sum()) for chosen in sets)


def as_matrix(instance):
    covers = np.zeros((instance.rows, instance.columns), dtype=bool)
    covers[instance.row, instance.site] = True
    return covers


@quick
@given(seed=SEEDS)
def test_what_is_dropped_or_merged_changes_no_best_choice(seed):
    instance, covers, weight, _ = random_instance(seed)
    merged = instance.merged()
    small = merged.undominated()
    assert small.columns <= instance.columns
    assert merged.weight.sum() == instance.weight.sum() == small.weight.sum()
    patterns = {tuple(row) for row in as_matrix(merged)}
    assert len(patterns) == merged.rows
    kept = as_matrix(small)
    for k in range(1, 4):
        assert best(kept, small.weight, k) == best(covers, weight, k)
    for one, two in combinations(range(small.columns), 2):
        assert (kept[:, one] & ~kept[:, two]).any()
        assert (kept[:, two] & ~kept[:, one]).any()


@quick
@given(seed=SEEDS)
def test_a_cheaper_candidate_is_never_dropped_for_a_dearer_one(seed):
    instance, covers, weight, _ = random_instance(seed)
    price = np.random.default_rng(seed).integers(1, 4, covers.shape[1]).astype(float)
    small = instance.merged().undominated(price)
    kept = as_matrix(small)
    for budget in (2.0, 4.0):

        def most_for(table, people, prices, budget=budget):
            sets = (c for size in range(5) for c in combinations(range(table.shape[1]), size))
            paid = (c for c in sets if prices[list(c)].sum() <= budget)
            return max(float(people[table[:, list(c)].any(axis=1)].sum()) for c in paid)

        assert most_for(kept, small.weight, price[small.candidate]) == most_for(covers, weight, price)


@quick
@given(seed=SEEDS)
def test_no_choice_exceeds_the_bounds_whatever_was_found(seed):
    instance, covers, weight, _ = random_instance(seed)
    n = 5
    optimum = np.array([best(covers, weight, k) for k in range(1, n + 1)])
    found = most(instance, n)
    assert (found.bounds >= optimum - 1e-9).all()
    tight = tighten(instance, np.full(n, np.inf), np.zeros(n))
    assert (tight >= optimum - 1e-9).all()
    assert (np.cumsum(found.gains) <= optimum[: len(found.gains)] + 1e-9).all()


@quick
@given(seed=SEEDS, share=st.floats(0.2, 1.0))
def test_no_fewer_than_the_least_meet_a_target(seed, share):
    instance, covers, weight, group = random_instance(seed, groups=3)
    some = covers.any(axis=1)
    short = share * np.bincount(group[some], weight[some], minlength=3)
    found = fewest(instance, short)

    def met(chosen):
        inside = covers[:, list(chosen)].any(axis=1)
        return bool((np.bincount(group[inside], weight[inside], minlength=3) >= short - 1e-9).all())

    sizes = (k for k in range(covers.shape[1] + 1) if any(map(met, combinations(range(covers.shape[1]), k))))
    needed = next(sizes)
    assert found.least <= needed <= len(found.columns)
    assert met(instance.candidate[found.columns])


def test_a_candidate_that_has_one_row_more_than_a_wider_one_stays():
    rows = np.arange(100)
    narrow, wide = rows[1:], np.append(rows[:-1], [100, 101])
    third = np.array([0, 99, 102])  # so that no row which both others lack is the rarest
    sites = np.repeat([0, 1, 2], [narrow.size, wide.size, third.size])
    nothing = np.zeros(103, dtype=np.int64)
    instance = Instance.of(np.ones(103), nothing, np.concatenate([narrow, wide, third]), sites)
    assert instance.undominated().columns == 3
    whole = Instance.of(np.ones(103), nothing, np.append(rows, narrow), np.repeat([0, 1], [100, 99]))
    assert whole.undominated().candidate.tolist() == [0]
