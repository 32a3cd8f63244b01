"""What `make drift` says of another Starlette."""

# mypy: allow-subclassing-any

import shutil
from pathlib import Path
from typing import Any

import pytest
import starlette
from support import drift
from support.reference import CORSMiddleware as Reference


def test_no_change() -> None:
    assert drift.changes(Reference, Reference) == []


def test_a_change_in_many_exchanges_is_one_line() -> None:
    class Changed(Reference):
        def preflight_response(self, request_headers: Any) -> Any:
            response = super().preflight_response(request_headers)
            response.headers["vary"] = "Origin"
            return response

    first, *others = [line for line in drift.changes(Reference, Changed) if not line.startswith("methods: ")]
    assert first.startswith("vary: ")
    assert "-> Origin (preflight, one origin, and " in first
    assert others == []


def test_parameters_attributes_and_outcomes() -> None:
    class Changed(Reference):
        def __init__(self, app: Any, allow_origins: Any = (), **others: Any) -> None:
            super().__init__(app, allow_origins, **others)
            self.allow_methods_text = ""

        async def simple_response(self, scope: Any, receive: Any, send: Any, request_headers: Any) -> None:
            raise LookupError

    found = drift.changes(Reference, Changed)
    assert any(line.startswith("parameters: app, allow_origins=()") for line in found)
    assert any(line.startswith("attributes: ") and line.endswith("(an instance)") for line in found)
    for outcome in ("exception: nothing -> LookupError", "status: 200 -> nothing"):
        assert any(line.startswith(f"{outcome} (") and ", one origin, and " in line for line in found), found


def test_order_of_the_same_headers() -> None:
    before, after = ({"order of headers": order} for order in ("vary, content-type", "content-type, vary"))
    assert list(drift.differences(before, after)) == [("order of headers", *before.values(), *after.values())]
    assert list(drift.differences(before, {"order of headers": "vary"})) == []


@pytest.mark.thread_unsafe(reason="takes Starlette out of sys.modules for a moment")
def test_checkout_by_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(Path(starlette.__file__).parent, tmp_path / "starlette")
    changed = tmp_path / "starlette" / "middleware" / "cors.py"
    changed.write_text(changed.read_text().replace("Disallowed CORS", "Refused"))
    monkeypatch.setattr("sys.argv", ["drift", str(tmp_path)])
    drift.main()
    first, second, *others = capsys.readouterr().out.splitlines()
    assert first.startswith(f"Starlette {starlette.__version__}, compared with ")
    assert second.startswith("- body: Disallowed CORS origin -> Refused origin (preflight from another origin, ")
    assert all(line.startswith("- body: Disallowed CORS ") for line in others)


def test_directory_without_starlette(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"There is no starlette/middleware/cors\.py"):
        drift.middleware_of(str(tmp_path))
