"""No fix takes an expression or the name of a file for a host."""

from typing import Any

import pytest
from support.fixes import values_in

from fastcors import CORSConfig


def proposed(**parameters: Any) -> list[str]:
    found = CORSConfig(**parameters).problems()
    assert found
    return [value for each in found for _, value in values_in(each)]


CODE = (
    *("README.md", "Main.rs", "env.HOST", "ENV.HOST", "Config.name", "main.rs/", "env.host/x", "env.host:8080"),
    *("//env.host", "https:/env.host", "https:env.host", "a.com, README.md", "a.com, env.HOST", "*.env.host"),
    *("*.main.rs", "https://*.README.md", "window.location.host", "location.host", "request.host", "req.host"),
    *("ctx.host", "app.config.host", "Values.ingress.host", "secrets.host", "var.host", "app.name", "os.name"),
    *("host.name", "domain.name", "tenant.name", "steps.deploy.page", "com.example.app", "cors.origins.dev"),
    *("data.zip", "script.sh", "run.sh", "Makefile.am", "main.tf", "id_rsa.pub", "lib.so", "movie.mov"),
    *("Dockerfile.dev", "COMMAND.COM", "process.env.HOST:3000", "import.meta.env.host", "values.x.app", "app.x.link"),
)


@pytest.mark.parametrize("credentials", [False, True])
@pytest.mark.parametrize("text", CODE)
def test_nothing_is_proposed(text: str, credentials: bool) -> None:
    for value in ([text], text, [[text]]):
        given: Any = value
        assert proposed(allow_origins=given, allow_credentials=credentials) == []
    assert proposed(allow_origin_patterns=[text], allow_credentials=credentials) == []


HOSTS = {
    "app.example.com": "https://app.example.com",
    "LOCALHOST:3000": "http://localhost:3000",
    "example.com": "https://example.com",
    "contoso.dev": "https://contoso.dev",
    "contoso.ai/": "https://contoso.ai",
    "config.example.com": "https://config.example.com",
    "dev.contoso.io": "https://dev.contoso.io",
    "https:/app.contoso.com": "https://app.contoso.com",
    "https://Main.rs/": "https://main.rs",
    "https://env.host/": "https://env.host",
}


@pytest.mark.parametrize(("text", "origin"), HOSTS.items())
def test_host_is_proposed(text: str, origin: str) -> None:
    assert proposed(allow_origins=[text])[0] == origin
