"""`explain` says of an origin that belongs to many owners that it does."""

import pytest

from fastcors.explain import explain


@pytest.mark.parametrize("host", ["s3.amazonaws.com", "storage.googleapis.com", "github.io", "vercel.app"])
@pytest.mark.parametrize("credentials", [False, True])
def test_warning(host: str, credentials: bool) -> None:
    decision = explain({"allow_origins": ["https://a.com"]}, origin=f"https://{host}", credentials=credentials)
    assert f"https://{host}" in decision.change
    assert decision.warning.startswith(f"https://{host} is the host of a platform")


@pytest.mark.parametrize("origin", ["https://mine.github.io", "http://localhost:3000", "chrome-extension://abc"])
def test_no_warning(origin: str) -> None:
    assert explain({"allow_origins": ["https://a.com"]}, origin=origin).warning == ""


def test_no_warning_of_what_is_there_already() -> None:
    given = {"allow_origins": ["https://github.io"]}
    assert "platform" not in explain(given, origin="https://github.io", method="PUT").warning
    assert "platform" not in explain(given, origin="https://b.com").warning
