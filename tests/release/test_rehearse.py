"""What `make release-rehearsal` makes of the changelog, of release.py's words and of the answers that it gets."""

import datetime
from typing import Any

import pytest

# Needs what builds a release.
rehearse = pytest.importorskip("rehearse")

DAY = datetime.date(2026, 11, 21)
ALLOWED = [("access-control-allow-origin", rehearse.ORIGIN), ("access-control-allow-credentials", "true")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "# Changelog\n\n## Unreleased\n\n- A.\n",
            "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-11-21\n\n- A.\n",
            id="unreleased",
        ),
        pytest.param(
            "## Unreleased\n\n## 1.2.3 - 2026-11-20\n", "## Unreleased\n\n## 1.2.3 - 2026-11-20\n", id="dated"
        ),
        pytest.param("## [1.2.3] - 2026-11-20\n", "## [1.2.3] - 2026-11-20\n", id="a link"),
    ],
)
def test_changelog_gets_the_version_once(before: str, after: str) -> None:
    assert rehearse.dated(before, "1.2.3", DAY) == after


def test_builds_for_other_machines_may_be_missing() -> None:
    said = "Missing: cp314-win_arm64, cp315-macosx_arm64. Not expected: none."
    assert rehearse.missing_builds(said) == ["cp314-win_arm64", "cp315-macosx_arm64"]


@pytest.mark.parametrize(
    "said",
    [
        "Missing: fastcors-1.2.3.tar.gz. Not expected: none.",
        "Missing: cp314-win_arm64. Not expected: fastcors-1.2.4.tar.gz.",
        "fastcors-1.2.3-py3-none-any.whl takes 400,000 bytes; it has to stay below 350,000.",
        "",
    ],
)
def test_anything_else_stops(said: str) -> None:
    with pytest.raises(SystemExit, match=r"release\.py says"):
        rehearse.missing_builds(said)


def answered(**changes: Any) -> dict[str, Any]:
    """Return the right answers, but for `changes`."""
    right = {
        name: rehearse.Answer(200, [] if "Origin" in name or "refused" in name else ALLOWED, b"")
        for name in rehearse.REQUESTS
    }
    return right | changes


def test_right_answers() -> None:
    rehearse.check_answers(answered(), answered())


@pytest.mark.parametrize(
    ("ours", "theirs", "complaint"),
    [
        pytest.param({"refused": (403, [], b"")}, {}, "refused: fastcors answers", id="other than Starlette's"),
        pytest.param({"refused": (200, ALLOWED, b"")}, None, "refused: ", id="allowed to all"),
        pytest.param({"allowed": (200, [], b"")}, None, "allowed: ", id="allowed to nobody"),
        pytest.param({"allowed": (200, ALLOWED[:1], b"")}, None, "allowed: ", id="without credentials"),
    ],
)
def test_wrong_answers(ours: dict[str, Any], theirs: dict[str, Any] | None, complaint: str) -> None:
    own = answered(**{name: rehearse.Answer(*answer) for name, answer in ours.items()})
    with pytest.raises(SystemExit, match=complaint):
        rehearse.check_answers(own, own if theirs is None else answered(**theirs))
