"""Origin regexes as services have them: some let strangers in, with an origin that shows it, and some do not."""

import re
from typing import NamedTuple

VERBOSE = r"""
    https?://                  # either scheme
    [a-z0-9.-]* example \.com  # meant: and subdomains
"""

FOREIGN: dict[str, str] = {
    # Something before the domain that need not end in a dot.
    r"https://.*example\.com": "https://aexample.com",
    r"^https://.*example\.com$": "https://aexample.com",
    r"https?://.*example\.com(:\d+)?": "https://aexample.com",
    r"http://.*example\.com": "http://aexample.com",
    r".*example\.com": "https://aexample.com",
    r"(https://)?.*example\.com": "https://aexample.com",
    r"https://[\w-]*example\.com": "https://aexample.com",
    r"https://[^.]*\.?example\.com": "https://aexample.com",
    r"https://\S+example\.com": "https://aexample.com",
    r"https?://.*\.?example\.com": "https://aexample.com",
    r"https://(.*\.)?(.*)example\.com": "https://aexample.com",
    r"https://.*-example\.com": "https://a-example.com",
    r"https://(?!evil).*example\.com": "https://aexample.com",
    r"(?i)https://.*Example\.COM": "https://aexample.com",
    r"(?=https://)(?=.*example\.com$).*": "https://aexample.com",
    r"https://.*(?<=example\.com)": "https://aexample.com",
    r"https://app\.example\.com|https://.*sample\.net": "https://asample.net",
    r"https://([a-z0-9-]+\.)*[a-z0-9]+-?example\.com": "https://aexample.com",
    f"(?x){VERBOSE}": "https://aexample.com",
    r"https://.*example\.com:8443": "https://aexample.com:8443",
    # A dot that takes any character, a wildcard as a shell has it.
    r"https://.*.example\.com": "https://aexample.com",
    r"https://.*.example.com": "https://aexample.com",
    r"https://.+.example.com": "https://aaexample.com",
    r"https://*.example.com": "https://aexample.com",
    r"(http|https)://*.example.com": "https://aexample.com",
    r"https://[a-z]+-app.example\.com": "https://a-appaexample.com",
    # Something after it.
    r"https://example\.com.*": "https://example.com.co",
    r"https://(www\.)?example\.com.+": "https://example.com.co",
    r"https://.*\.example\.com.*": "https://a.example.com.co",
    r"https://example\.com(\..*)?": "https://example.com.co",
    r"https://example\.com\b.*": "https://example.com.co",
    r"https://example\.com[^/]*": "https://example.com.co",
    r"https://example\.com:?.*": "https://example.com.co",
    r"https://example\.com(?!\.evil).*": "https://example.com.co",
    r"https://example\.com([^\w.-].*)?": "https://example.com!.a.co",
    r"http://localhost.*": "http://localhost.co",
    r"https?://localhost.*": "https://localhost.co",
    r"http://localhost:?.*": "http://localhost.co",
    r"http://127\.0\.0\.1.*": "http://127.0.0.1.co",
    r"https://my-app\.internal.*": "https://my-app.internal.co",
    # A top-level domain left open.
    r"https://example\.[a-z]+": "https://example.co",
    r"https://example\.\w{2,3}": "https://example.co",
    r"https://example\.[x-z]{3}": "https://example.xxx",
    r"https://(.*\.)?example\.[a-z.]+": "https://example.co",
    r"https://example\..*": "https://example.co",
    r"https://(.+\.)?(example|sample)\.(com|[a-z]{2})": "https://sample.co",
    r"https://.*example.*": "https://example.co",
    r"https://.*\bexample\b.*": "https://example.co",
    r"https://.*example.*:\d+": "https://example.co:1",
    # A domain left open in part or in full.
    r"https://.*\.com": "https://a.com",
    r"https://.*\.(net|org)": "https://a.net",
    r"https://\w+\.com": "https://a.com",
    r"https://[a-z]\.com": "https://a.com",
    r"https://\w{3,10}\.com": "https://aaa.com",
    r"https://[0-9a-f]{8}\.net": "https://aaaaaaaa.net",
    r"https://shop\d{2}\.com": "https://shop11.com",
    r"https://example.*\.com": "https://examplea.com",
    r"https://example-[a-z]+\.com": "https://example-a.com",
    r"https://example-.*": "https://example-a.co",
    r"https://.*\.xn--p1ai": "https://a.xn--p1ai",
    r"https://.*\.de": "https://a.de",
    r"https://[a-z0-9-]+(\.[a-z0-9-]+)*": "https://a.co",
    r"https?://[\w.-]+": "https://a.co",
    r"https?://[a-z0-9.-]+(:\d+)?": "https://a.co",
    r"https://[^/:]+": "https://a.co",
    r"https://.*[^t]": "https://a.co",
    # Any address.
    r"https?://(\d{1,3}\.){3}\d{1,3}:5173": "https://1.1.1.1:5173",
    r"http://(localhost|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}):5173": "http://1.1.1.1:5173",
    r"http://\d+\.\d+\.\d+\.\d+(:\d+)?": "http://1.1.1.1",
    r"http://1\d+\.\d+\.\d+\.\d+": "http://11.1.1.1",
    r"http://17\d\.\d+\.\d+\.\d+": "http://170.1.1.1",
}
"""By the pattern, the shortest foreign origin that it admits."""

COUNTRIES = re.findall(
    "..",
    "acadaeafagaialamaoarasatauawaxazbabbbdbebfbgbhbibjbmbnbobrbsbtbwbybzcacccdcfcgchciclcmcncocrcucvcwcxcyczdedjdkdm"
    "dodzeceeegeseteufifjfkfmfofrgagdgegfggghgiglgmgn",
)

SOUND: dict[str, str] = {
    r"https://.*\.example\.com": "https://evil.com/.example.com is no origin",
    r"^https://.*\.example\.com$": "anchored",
    r"\Ahttps://[\w-]+\.example\.com\Z": "anchored to the string",
    r"^https://example\.com": "no anchor is needed at the end",
    r"https?://.*\.example\.com": "either scheme",
    r"https?://.*\.example\.com(:\d+)?": "any port",
    r"https://.*\.example\.com:\d+": "a port",
    r"https?://(.+\.)?example\.com(:\d+)?": "the domain itself as well",
    r"https://(?:[a-z0-9-]+\.)*example\.com": "subdomains at any depth",
    r"https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+example\.com": "labels as DNS has them",
    r"https://[a-z0-9-]{1,63}\.example\.com": "labels of some length",
    r"https://(\w+-?)+\.example\.com": "words and hyphens",
    r"https://[^.]+\.example\.com": "one label",
    r"https://[^/]+\.example\.com": "all but a slash",
    r"https://\S+\.example\.com": "all but white space",
    r"https://.+?\.example\.com": "as few as possible",
    r".*\.example\.com": "no scheme",
    r"(https?://)?(.*\.)?example\.com": "the scheme is optional",
    r"https:\/\/.*\.example\.com": "slashes escaped, as in JavaScript",
    r"(?i)https://.*\.Example\.com": "in any case",
    r"(?x) https:// .* \. example \. com  # subdomains": "with a comment",
    r"https://(?P<tenant>[a-z0-9-]+)\.example\.com": "a named group",
    r"https://(?!evil).*\.example\.com": "all but some",
    r"https://[a-z0-9-]+(?<!-)\.example\.com": "no hyphen last",
    r"^(?!.*\.\.)https://[a-z.]+\.example\.com$": "no two dots",
    r"(?=https://)(?=.*\.example\.com$)[\w.:/-]+": "two demands at once",
    r"https://example\.com\.?": "the dot of the root",
    r"https://.+\.example\.com\.?(:\d+)?": "the dot of the root after a subdomain",
    r"https://example\.com|https://.*\.example\.org": "two domains",
    r"https://(www\.)?example\.(com|org|net)": "some top-level domains",
    rf"https://(www\.)?example\.({'|'.join(COUNTRIES)})": "many top-level domains, all spelled out",
    "|".join(rf"https://(.+\.)?{name}-shop\.com" for name in COUNTRIES[:40]): "many domains, all spelled out",
    r"https://(app|api|www)\.example\.com": "some subdomains",
    r"https://[ab]\.example\.com": "some letters",
    r"https://[abc]{1,2}shop\.com": "some letters once or twice: all spelled out",
    r"https://example\d\.com": "ten domains of one owner",
    r"https://.*\.example\.co\.uk": "under a public suffix of two labels",
    r"https://([\w-]+\.)?example\.com\.au": "the same with the domain itself",
    r"https://.*\.xn--bcher-kva\.com": "a domain in Punycode",
    r"https://.*\.city\.kawasaki\.jp": "an exception of the public suffix list",
    r"https://my-app(-git-main)?\.vercel\.app": "two hosts under a public suffix, spelled out",
    r"https://.*\.my-app\.vercel\.app": "subdomains of a name under a public suffix",
    r"https://[a-z0-9]{8}\.my-site\.pages\.dev": "previews at a label of their own",
    r"https://my-org\.github\.io": "one name under a public suffix",
    r"https://.*\.foo\.s3\.amazonaws\.com": "one name under one of hundreds",
    r"http://localhost:\d+": "localhost on any port",
    r"http://localhost:3000.*": "digits alone may follow",
    r"https?://localhost(:\d+)?": "localhost",
    r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?": "loopback",
    r".*\.localhost:\d+": "names under localhost",
    r"https://(.*\.)?localhost": "localhost as a top-level domain",
    r"http://[a-z]+": "names without a dot are on this network",
    r"http://[\w-]+:\d+": "the same with ports",
    r"https?://.*\.(local|lan|internal)(:\d+)?": "top-level domains of private networks",
    r"http://.*\.example\.test:\d+": "a top-level domain for tests",
    r"http://192\.168\.\d{1,3}\.\d{1,3}(:\d+)?": "a private network",
    r"https?://(10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+)(:\d{1,5})?": "private networks",
    r"http://(127|169\.254|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))(\.\d+){2,3}": "link-local and the like",
    r"https://203\.0\.113\.\d+": "256 public addresses",
    r"https://198\.18\.\d+\.\d+": "65,536 public addresses",
    r"chrome-extension://[a-p]{32}": "one browser's extensions",
    r"(chrome|moz)-extension://.*": "extensions",
    r"(capacitor|ionic|https?)://localhost": "apps in a web view",
    r"null|https://.*\.example\.com": "null as well",
    r"file://|app://obsidian\.md": "desktop apps",
}
"""By the pattern, why it admits no foreign origin."""


class UnderSuffixes(NamedTuple):
    """`origin` is foreign by the public suffix list, not by the last two labels."""

    pattern: str
    origin: str | None


UNDER_SUFFIXES: dict[str, UnderSuffixes] = {
    "a country's": UnderSuffixes(r"https://.*\.co\.uk", "https://a.co.uk"),
    "a name under a country's": UnderSuffixes(r"https://.*example\.co\.uk", "https://aexample.co.uk"),
    "a host's": UnderSuffixes(r"https://.*\.github\.io", "https://a.github.io"),
    "previews of anyone": UnderSuffixes(r"https://[a-z0-9-]+\.vercel\.app", "https://a.vercel.app"),
    "previews of a name": UnderSuffixes(
        r"https://preview-[a-z0-9]+-team\.vercel\.app", "https://preview-a-team.vercel.app"
    ),
    "deploys of a name": UnderSuffixes(
        r"https://([a-z0-9-]+--)?my-site\.netlify\.app", "https://a--my-site.netlify.app"
    ),
    "a name that ends in ours": UnderSuffixes(r"https://.*my-org\.github\.io", "https://amy-org.github.io"),
    "longer ones under two labels": UnderSuffixes(r"https://.*\.amazonaws\.com", "https://a.s3.amazonaws.com"),
    "a long one": UnderSuffixes(r"https://[a-z]+\.s3\.amazonaws\.com", "https://a.s3.amazonaws.com"),
    "the suffix itself as well": UnderSuffixes(r"https://(.*\.)?no-ip\.co\.uk", "https://a.no-ip.co.uk"),
    "with a port": UnderSuffixes(r"https?://.*\.github\.io:\d+", "https://a.github.io:1"),
    "with the dot of the root": UnderSuffixes(r"https://.*\.github\.io\.", "https://a.github.io."),
    "http alone": UnderSuffixes(r"http://.*\.github\.io", "http://a.github.io"),
    "any label a suffix": UnderSuffixes(r"https://.*\.kawasaki\.jp", "https://a.a.kawasaki.jp"),
    "any label a suffix, one spelled out": UnderSuffixes(r"https://.*\.foo\.kawasaki\.jp", "https://a.foo.kawasaki.jp"),
    "a top-level domain that any label is a suffix under": UnderSuffixes(r"https://.*\.foo\.ck", "https://a.foo.ck"),
    "its exception": UnderSuffixes(r"https://.*\.www\.ck", None),
    "in Punycode": UnderSuffixes(r"https://.*\.xn--55qx5d\.cn", "https://a.xn--55qx5d.cn"),
    "in Punycode that is none": UnderSuffixes(r"https://.*\.xn--\.cn", None),
}


class Dot(NamedTuple):
    """`origin` is admitted because of the dot; `severity` is None if there is no problem."""

    pattern: str
    origin: str | None
    severity: str | None = "warning"
    flags: int = 0


DOTS: dict[str, Dot] = {
    "before the domain": Dot(r"https://app.example\.com", "https://appaexample.com"),
    "twice": Dot(r"https://app.example.com", "https://appaexample.com"),
    "three times": Dot(r"https://my.app.example.com", "https://my.appaexample.com"),
    "in the domain": Dot(r"https://example.com", "https://exampleacom", "note"),
    "in a public suffix": Dot(r"https://.*\.example.co.uk", "https://a.exampleaco.uk"),
    "after a wildcard": Dot(r"https://.*\.example.com", "https://a.exampleacom", "note"),
    "after a group": Dot(r"https://(app|api).example\.com", "https://apiaexample.com"),
    "at a group's end": Dot(r"https://(www.)?example\.com", "https://wwwaexample.com"),
    "before a port": Dot(r"https://app.example\.com:\d+", "https://appaexample.com:1"),
    "http alone": Dot(r"http://app.example\.com", "http://appaexample.com"),
    "between single letters": Dot(r"https://a.b.example\.com", "https://a.baexample.com"),
    "in an address": Dot(r"http://127.0.0.1:\d+", None, "note"),
    "escaped": Dot(r"https://app\.example\.com", None, None),
    "in a class": Dot(r"https://app[.]example[.]com", None, None),
    "in a comment": Dot(r"https://app\.example\.com # e.g.", None, None, flags=re.VERBOSE),
    "where only a dot is let through": Dot(r"(?=https://app\.)https://app.example\.com", None, None),
    "repeated": Dot(r"https://app.*\.example\.com", None, None),
}
