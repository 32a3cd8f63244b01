"""The planted faults fit the tree, and `make mutants` sees one that no test notices."""

import ast
import sys
from pathlib import Path

import pytest
from mutants.faults import HERE, PACKAGE, ROOT, Area, Fault, area_of, areas, chosen
from mutants.generated import changes
from mutants.results import EQUIVALENT, KILLED, LIVES, SURVIVED, UNCLEAR, Result, is_bad, keep, kept, page, table
from mutants.run import judged, main
from mutants.trees import Tree

# Where the sources are not, as with a wheel, nothing can be planted.
pytestmark = pytest.mark.skipif(not (ROOT / PACKAGE).is_dir(), reason="the sources are not here")

runs_tests = pytest.mark.skipif(sys.platform == "win32", reason="processes are ended in groups, as POSIX has them")

FILES = sorted(HERE.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_fault_fits_the_tree(path: Path) -> None:
    area = area_of(path, ROOT / PACKAGE)
    for fault in area.faults:
        text = fault.planted((ROOT / PACKAGE / fault.file).read_text(encoding="utf-8"))
        assert len(fault.why) > 10, fault.key
        assert not (fault.equivalent and fault.lives), fault.key
        if fault.file.endswith(".py"):
            ast.parse(text)
    for test in (*area.likely, *(test for tests in area.near.values() for test in tests)):
        assert (ROOT / "tests" / test).is_file()
    for file in area.near:
        assert (ROOT / PACKAGE / file).is_file()
    for folder in area.folders:
        assert (ROOT / "tests" / folder).is_dir()


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    keys = [fault.key for area in areas() for fault in area.faults]
    assert len(set(keys)) == len(keys) >= 300


def test_chosen_by_area_and_by_name() -> None:
    every = areas()
    first, second = every[0], every[1]
    assert {fault.area for _, fault in chosen(every, [first.name])} == {first.name}
    assert [fault for _, fault in chosen(every, [second.faults[0].key])] == [second.faults[0]]
    assert len(chosen(every, [])) == sum(len(area.faults) for area in every)
    assert main(["--faults", "there-is-none"]) == 2


GENERATED = '''
def limit(number: int = 3, *, most: int = 10) -> bool:
    """Return True or 1."""
    if number < most and not number == 4:
        return number + 1 == most
    return f"{1 + 2}" in ("é", number)
'''


def test_what_is_generated() -> None:
    told = [change.told.partition(": ")[2] for change in changes("limit.py", GENERATED)]
    assert told == [
        "10 becomes 11",
        "3 becomes 4",
        "number < most and (not number == 4) becomes number < most or not number == 4",
        "number < most becomes number <= most",
        "not number == 4 becomes number == 4",
        "number == 4 becomes number != 4",
        "4 becomes 5",
        "number + 1 == most becomes number + 1 != most",
        "number + 1 becomes number - 1",
        "1 becomes 2",
        "number + 1 == most becomes None",
        "number < most and (not number == 4) becomes not (number < most and (not number == 4))",
        "f'{1 + 2}' in ('é', number) becomes f'{1 + 2}' not in ('é', number)",
        "f'{1 + 2}' in ('é', number) becomes None",
    ]
    for change in changes("limit.py", GENERATED):
        assert GENERATED.count(change.old) == 1
        ast.parse(GENERATED.replace(change.old, change.new))


SOURCE = '''
def limited(number):
    """Return a number between 0 and 9."""
    while number > 9:
        number = 9
    return max(number, 0)
'''
TEST = """
from fastcors.limits import limited


def test_above():
    assert limited(12) == 9


def test_within():
    assert limited(5) == 5
"""
ALWAYS_FAILS = "def test_nothing():\n    assert False\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A tree with one module and its tests, which forget what is below zero."""
    files = {"src/fastcors/__init__.py": "", "src/fastcors/limits.py": SOURCE, "tests/unit/test_limits.py": TEST}
    for name, text in files.items():
        (tmp_path / "small" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "small" / name).write_text(text)
    return tmp_path / "small"


def area_with(*faults: Fault) -> Area:
    return Area("small", ("unit",), ("unit/test_limits.py",), {}, False, faults)


def fault(name: str, old: str, new: str, **reasons: str) -> Fault:
    return Fault("small", name, "limits.py", old, new, "it is wrong then", **reasons)


@runs_tests
def test_a_planted_survivor_is_seen(small: Path, tmp_path: Path) -> None:
    faults = (
        fault("noticed", "number = 9", "number = 8"),
        fault("not-noticed", "max(number, 0)", "max(number, -1)"),
        fault("may-live", "max(number, 0)", "number", lives="nobody asks for less"),
        fault("the-same", "number > 9", "number >= 10", equivalent="of whole numbers it is the same"),
    )
    area, tree = area_with(*faults), Tree(tmp_path / "copy", small)
    results = [judged(tree, area, each) for each in faults]
    assert [each.outcome for each in results] == [KILLED, SURVIVED, LIVES, EQUIVALENT]
    assert results[0].by == "tests/unit/test_limits.py::test_above"
    assert [each.key for each in results if is_bad(each)] == ["small/not-noticed"]
    assert (tmp_path / "copy/src/fastcors/limits.py").read_text() == SOURCE
    *_, row, total = table([area], results)
    assert (row, total) == (
        "| small | 4 | 4 | 1 | 1 | 1 | 1 | 33.3 % |",
        "| all | 4 | 4 | 1 | 1 | 1 | 1 | 33.3 % |",
    )
    text = page([area], results)
    assert "## Survived\n\n- `small/not-noticed`: it is wrong then. Survived.\n" in text
    assert "- `small/may-live`: it is wrong then. Nobody asks for less.\n" in text
    assert "- `small/the-same`: it is wrong then. Of whole numbers it is the same.\n" in text


@runs_tests
def test_a_fault_that_never_ends_is_noticed(small: Path, tmp_path: Path) -> None:
    endless = fault("endless", "number = 9", "number = 10")
    tree = Tree(tmp_path / "copy", small)
    assert not tree.fails_anyway(("tests/unit/test_limits.py",), False)
    tree.seconds = 3
    result = judged(tree, area_with(endless), endless)
    assert (result.outcome, result.by) == (KILLED, "more than 3 seconds")


@runs_tests
def test_a_test_that_fails_anyway_notices_nothing(small: Path, tmp_path: Path) -> None:
    (small / "tests/unit/test_more.py").write_text(ALWAYS_FAILS)
    below = fault("below", "max(number, 0)", "number")
    result = judged(Tree(tmp_path / "copy", small), area_with(below), below)
    assert (result.outcome, result.by) == (UNCLEAR, "tests/unit/test_more.py::test_nothing")
    assert is_bad(result)


def test_a_fault_that_does_not_fit_is_an_error() -> None:
    for old, new in (("nothing of the kind", ""), ("number", "other"), ("while number > 9", "while number > 9")):
        with pytest.raises(ValueError, match=r"small/wrong: the old text is in limits\.py"):
            fault("wrong", old, new).planted(SOURCE)


def test_results_are_kept_between_runs(tmp_path: Path) -> None:
    assert kept(tmp_path) == []
    results = [Result("a/one", KILLED, "a test", "abc"), Result("a/two", SURVIVED)]
    keep(tmp_path, results)
    assert kept(tmp_path) == results
