"""Origin regexes as services have them, each with origins that it allows and origins that it refuses."""

import re
from typing import NamedTuple


class Row(NamedTuple):
    pattern: str
    allowed: tuple[str, ...]
    refused: tuple[str, ...]
    flags: int = 0


VERBOSE = r"""
    https?://              # either scheme
    (?: [a-z0-9-]+ \. )?   # a subdomain, perhaps
    example \. (?: com | org )
    (?: : \d{1,5} )?       # a port, perhaps
"""

PATTERNS: dict[str, Row] = {
    "subdomains": Row(
        r"https://.*\.example\.com",
        ("https://app.example.com", "https://a.b.example.com", "https://.example.com", "https://\xe9.example.com"),
        (
            "https://example.com",
            "http://app.example.com",
            "https://app.example.com.evil.org",
            "https://a\n.example.com",
        ),
    ),
    "subdomains, anchored": Row(
        r"^https://.*\.example\.com$",
        ("https://app.example.com", "https://x/.example.com"),
        ("https://example.com", "https://app.example.com\n", " https://app.example.com", ""),
    ),
    "subdomains, anchored to the string": Row(
        r"\Ahttps://[\w-]+\.example\.com\Z",
        ("https://app.example.com", "https://\xe9t\xe9.example.com"),
        ("https://a.b.example.com", "https://app.example.com\n"),
    ),
    "dots that were not escaped": Row(
        r"https://.*.example.com",
        ("https://app.example.com", "https://evilexample-com", "https://xexample.com"),
        ("https://example.com", "https://app.example.co"),
    ),
    "either scheme": Row(
        r"https?://.*\.example\.com",
        ("https://app.example.com", "http://app.example.com"),
        ("httpss://app.example.com", "ftp://app.example.com"),
    ),
    "localhost on any port": Row(
        r"http://localhost:\d+",
        ("http://localhost:3000", "http://localhost:8"),
        ("http://localhost", "http://localhost:", "http://localhost:\xb2", "https://localhost:3000"),
    ),
    "localhost, port or not": Row(
        r"https?://localhost(:\d+)?",
        ("http://localhost", "https://localhost:8443"),
        ("http://localhost:", "http://localhost.evil.org", "http://localhos"),
    ),
    "loopback": Row(
        r"^https?://(localhost|127\.0\.0\.1)(:[0-9]+)?$",
        ("http://127.0.0.1", "https://127.0.0.1:8000", "http://localhost:5173"),
        ("http://127a0.0.1", "http://127.0.0.1.evil.org", "http://localhost:80a"),
    ),
    "loopback, version 6 too": Row(
        r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?",
        ("http://[::1]:3000", "http://[::1]", "http://127.0.0.1:80"),
        ("http://::1", "http://[::2]"),
    ),
    "a private network": Row(
        r"http://192\.168\.\d{1,3}\.\d{1,3}(:\d+)?",
        ("http://192.168.0.1", "http://192.168.178.20:3000", "http://192.168.999.999"),
        ("http://192.168.1", "http://192.168.1.1234", "http://192.169.0.1"),
    ),
    "all private networks": Row(
        r"https?://(10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+)(:\d{1,5})?",
        ("http://10.0.0.1", "http://172.16.0.1:80", "https://172.31.255.255", "http://192.168.0.1:65535"),
        ("http://172.15.0.1", "http://172.32.0.1", "http://11.0.0.1", "http://10.0.0.1:123456"),
    ),
    "previews on Vercel": Row(
        r"https://my-app-[a-z0-9]+-my-team\.vercel\.app",
        ("https://my-app-4f2k9-my-team.vercel.app",),
        ("https://my-app--my-team.vercel.app", "https://my-app-A-my-team.vercel.app", "https://my-app.vercel.app"),
    ),
    "branches on Vercel": Row(
        r"https://my-app(-git-[\w-]+)?(-[\w-]+)?\.vercel\.app",
        ("https://my-app.vercel.app", "https://my-app-git-fix-1-team.vercel.app", "https://my-app-x.vercel.app"),
        ("https://my-app-.vercel.app", "https://my-apps.vercel.app", "https://my-app-a.b.vercel.app"),
    ),
    "previews on Netlify": Row(
        r"https://deploy-preview-\d+--my-site\.netlify\.app",
        ("https://deploy-preview-17--my-site.netlify.app",),
        ("https://deploy-preview---my-site.netlify.app", "https://my-site.netlify.app"),
    ),
    "deploys on Netlify": Row(
        r"https://([a-z0-9-]+--)?my-site\.netlify\.app",
        ("https://my-site.netlify.app", "https://a-b--my-site.netlify.app", "https://x----my-site.netlify.app"),
        ("https://--my-site.netlify.app", "https://a-my-site.netlify.app"),
    ),
    "previews on Cloudflare": Row(
        r"https://[0-9a-f]{8}\.my-site\.pages\.dev",
        ("https://0a1b2c3d.my-site.pages.dev",),
        (
            "https://0a1b2c3.my-site.pages.dev",
            "https://0a1b2c3d4.my-site.pages.dev",
            "https://0a1b2c3g.my-site.pages.dev",
        ),
    ),
    "review apps on Heroku": Row(
        r"^https://my-app-pr-\d+\.herokuapp\.com$",
        ("https://my-app-pr-1.herokuapp.com", "https://my-app-pr-1234.herokuapp.com"),
        ("https://my-app-pr-.herokuapp.com", "https://my-app-pr-1.herokuapp.com/"),
    ),
    "codespaces": Row(
        r"https://[\w-]+-3000\.app\.github\.dev",
        ("https://fuzzy-train-x7-3000.app.github.dev", "https://a-3000-3000.app.github.dev"),
        ("https://-3000.app.github.dev", "https://a-3001.app.github.dev"),
    ),
    "workspaces on Gitpod": Row(
        r"https://3000-[\w-]+\.ws-[a-z]{2}\d+\.gitpod\.io",
        ("https://3000-me-repo-a1.ws-eu117.gitpod.io",),
        ("https://3001-me-repo.ws-eu1.gitpod.io", "https://3000-me.ws-e1.gitpod.io"),
    ),
    "tunnels": Row(
        r"https://[0-9a-f-]+\.ngrok(-free)?\.(io|app)",
        ("https://1a-2b.ngrok-free.app", "https://abc.ngrok.io"),
        ("https://xyz.ngrok.io", "https://abc.ngrok-free.dev", "https://.ngrok.io"),
    ),
    "static sites on Azure": Row(
        r"https://[a-z]+-[a-z]+-[0-9a-f]+(-\d+)?\.[a-z0-9]+\.[0-9]\.azurestaticapps\.net",
        (
            "https://nice-sea-0f.westeurope.2.azurestaticapps.net",
            "https://nice-sea-0f-12.centralus.1.azurestaticapps.net",
        ),
        ("https://nice-0f.westeurope.2.azurestaticapps.net", "https://nice-sea-0f.westeurope.azurestaticapps.net"),
    ),
    "branches on Amplify": Row(
        r"https://(main|dev|pr-\d+)\.d[a-z0-9]{13}\.amplifyapp\.com",
        ("https://main.d1234567890abc.amplifyapp.com", "https://pr-9.dabcdefghijklm.amplifyapp.com"),
        ("https://main.d1234567890ab.amplifyapp.com", "https://pr-.dabcdefghijklm.amplifyapp.com"),
    ),
    "one kind of extension": Row(
        r"chrome-extension://[a-p]{32}",
        ("chrome-extension://" + "abcdefghijklmnop" * 2,),
        ("chrome-extension://" + "abcdefghijklmnoq" * 2, "chrome-extension://" + "a" * 31),
    ),
    "any extension": Row(
        r"(chrome|moz)-extension://.*",
        ("chrome-extension://a", "moz-extension://"),
        ("safari-extension://a", "moz-extension:/a", "moz-extension://a\n"),
    ),
    "apps in a web view": Row(
        r"(capacitor|ionic|https?)://localhost",
        ("capacitor://localhost", "ionic://localhost", "http://localhost"),
        ("capacitor://localhost:80", "cordova://localhost"),
    ),
    "null or subdomains": Row(
        r"null|https://.*\.example\.com",
        ("null", "https://app.example.com"),
        ("nul", "null ", "nullhttps://app.example.com"),
    ),
    "everything": Row(r".*", ("", "null", "https://\xff"), ("\n", "a\n", "\na")),
    "everything, on many lines": Row(r"(?s).*", ("", "\n", "a\nb"), ()),
    "everything on https": Row(r"^https://.*$", ("https://", "https://a"), ("http://a", "https://a\n", "https://a\nb")),
    "some environments": Row(
        r"https://(dev|staging|www)\.example\.com",
        ("https://dev.example.com", "https://www.example.com"),
        ("https://prod.example.com", "https://dev.staging.example.com"),
    ),
    "some top-level domains": Row(
        r"https://(www\.)?example\.(com|org|net)",
        ("https://example.com", "https://www.example.net"),
        ("https://example.co", "https://www.www.example.com"),
    ),
    "a named tenant": Row(
        r"https://(?P<tenant>[a-z0-9-]+)\.example\.com",
        ("https://tenant-1.example.com", "https://-.example.com"),
        ("https://Tenant.example.com", "https://.example.com"),
    ),
    "subdomains at any depth": Row(
        r"https://(?:[a-z0-9-]+\.)*example\.com",
        ("https://example.com", "https://a.b.c.example.com"),
        ("https://.example.com", "https://a..example.com", "https://aexample.com"),
    ),
    "labels as DNS has them": Row(
        r"https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+example\.com",
        ("https://a.example.com", "https://a-b.c.example.com", f"https://{'a' * 63}.example.com"),
        ("https://-a.example.com", "https://a-.example.com", f"https://{'a' * 64}.example.com", "https://example.com"),
    ),
    "labels of some length": Row(
        r"https://[a-z0-9-]{1,63}\.example\.com",
        ("https://a.example.com", f"https://{'-' * 63}.example.com"),
        ("https://.example.com", f"https://{'a' * 64}.example.com"),
    ),
    "in any case, inline": Row(
        r"(?i)https://.*\.example\.com",
        ("HTTPS://App.Example.COM", "https://app.example.com"),
        ("https://app.example.org", "https://app.exampl\xe9.com"),
    ),
    "in any case, as a flag": Row(
        r"https://(app|kiosk)\.example\.com",
        ("HTTPS://KIOSK.EXAMPLE.COM", "https://app.example.com"),
        ("https://app.example.org", "https://\xe0pp.example.com"),
        re.IGNORECASE,
    ),
    "in any case, in part": Row(
        r"(?i:https)://(?-i:app)\.example\.com",
        ("HTTPS://app.example.com",),
        ("https://App.example.com", "https://app.Example.com"),
    ),
    "written on several lines": Row(
        VERBOSE,
        ("https://example.com", "http://a-1.example.org:8080"),
        ("https://a.b.example.com", "https://example.com:123456", "https://example.net"),
        re.VERBOSE,
    ),
    "all but one subdomain": Row(
        r"https://(?!admin\.)[a-z0-9-]+\.example\.com",
        ("https://app.example.com", "https://admins.example.com", "https://admi.example.com"),
        ("https://admin.example.com", "https://admin.admin.example.com"),
    ),
    "all but one site": Row(
        r"^(?!https://evil\.example$).*$",
        ("https://good.example", "https://evil.example.com", ""),
        ("https://evil.example", "https://good.example\n"),
    ),
    "no two dots": Row(
        r"^(?!.*\.\.)https://[a-z.]+\.example\.com$",
        ("https://a.b.example.com",),
        ("https://a..example.com", "https://a..b.example.com"),
    ),
    "no hyphen last": Row(
        r"https://[a-z0-9-]+(?<!-)\.example\.com",
        ("https://a-b.example.com", "https://a.example.com"),
        ("https://a-.example.com", "https://-.example.com"),
    ),
    "two demands at once": Row(
        r"(?=https://)(?=.*\.example\.com$)[\w.:/-]+",
        ("https://a.example.com", "https://a/b:c.example.com"),
        ("http://a.example.com", "https://a.example.com:80", "https://a b.example.com"),
    ),
    "as few as possible": Row(
        r"https://.+?\.example\.com",
        ("https://a.example.com", "https://a.example.com.example.com"),
        ("https://.example.com", "https://a.example.com."),
    ),
    "a word somewhere": Row(
        r"https://.*\bexample\b.*",
        ("https://example.com", "https://a-example-b.org", "https://example"),
        ("https://myexample.com", "https://examples.com", "https://\xe9example.com"),
    ),
    "each alternative anchored": Row(
        r"^https://a\.example$|^https://b\.example$|^null$",
        ("https://a.example", "https://b.example", "null"),
        ("https://a.examplehttps://b.example", "https://c.example", "null\n"),
    ),
    "some ports": Row(
        r"http://localhost:(3000|5173|80[0-9]{2})",
        ("http://localhost:3000", "http://localhost:8080"),
        ("http://localhost:300", "http://localhost:8100"),
    ),
    "slashes escaped, as in JavaScript": Row(
        r"^https?:\/\/([\w-]+\.)?example\.com(:\d+)?$",
        ("https://example.com", "http://my_app.example.com:80"),
        ("https:\\/\\/example.com", "https://a.b.example.com"),
    ),
    "words and hyphens, nested": Row(
        r"https://(\w+-?)+\.example\.com",
        ("https://a.example.com", "https://a-b-.example.com"),
        ("https://-a.example.com", "https://a--b.example.com"),
    ),
}
