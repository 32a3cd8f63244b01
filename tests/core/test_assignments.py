"""Assignments at the worst of times: what was assigned counts from the next request on, whenever that was."""

# mypy: allow-subclassing-any
# (The class to inherit from is a parameter: ours on each core, or Starlette's.)

import copy
import gc
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from support.asgi import drive
from support.exchange import CONFIG, ORIGIN, OTHER, answers, both, exchange, get, hello, nothing_received, preflight
from support.live import interrupted

# What is assigned while the policy is compiled, and the requests that tell.
WITHDRAWN: dict[str, Any] = {
    "allow_origins": [OTHER],
    "allow_origin_regex": re.compile("https://no"),
    "allow_methods": ["PUT"],
    "allow_headers": ["x-other"],
    "allow_credentials": False,
    "simple_headers": {"X-New": "1"},
    "preflight_headers": {"X-New": "1"},
    "is_allowed_origin": lambda origin: False,
    "allow_all_origins": True,
}


class Finalized:
    """Does something when it goes."""

    def __init__(self, do: Callable[[], None]) -> None:
        self.do = do

    def __del__(self) -> None:
        self.do()


@pytest.mark.parametrize("kind", [list, tuple, frozenset, set])
def test_preflight_repeated_while_what_it_asks_for_changes(fastcors: ModuleType, kind: Callable[[Any], Any]) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        middleware.allow_methods, middleware.allow_headers = kind(["GET", "PUT"]), kind(["x-one", "x-two"])
        asked = preflight(ORIGIN, method="PUT", names="X-Two, x-one")
        seen = [exchange(middleware, asked) for _ in range(3)]
        if kind in (list, set):
            for values, value in ((middleware.allow_headers, "x-two"), (middleware.allow_methods, "PUT")):
                values.remove(value)
                seen.append(exchange(middleware, asked))
                values.append(value) if kind is list else values.add(value)
                seen.append(exchange(middleware, asked))
        middleware.allow_headers = kind(["x-one"])
        return [*seen, exchange(middleware, asked)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.thread_unsafe(reason="traces")
@pytest.mark.parametrize("attribute", WITHDRAWN)
def test_assigned_at_each_line_of_a_compilation(fastcors: ModuleType, attribute: str) -> None:
    """As a signal handler may: an assignment is never lost, whichever line it interrupts."""
    expected = fastcors.CORSMiddleware(hello, **copy.deepcopy(CONFIG))
    setattr(expected, attribute, WITHDRAWN[attribute])
    lines = 0
    for line in range(1, 400):
        middleware = fastcors.CORSMiddleware(hello, **copy.deepcopy(CONFIG))
        middleware.allow_methods = middleware.allow_methods
        done: list[int] = []

        def assign(middleware: Any = middleware, done: list[int] = done) -> None:
            setattr(middleware, attribute, WITHDRAWN[attribute])
            done.append(1)

        with interrupted(assign, line):
            drive(middleware(get(), nothing_received, nothing_received_by))
        if not done:
            break
        assert answers(middleware) == answers(expected), line
        lines += 1
    assert lines > 60, "the compilation was not met"


async def nothing_received_by(message: Any) -> None:
    """A server's `send` that drops all."""


@pytest.mark.thread_unsafe(reason="traces")
@pytest.mark.parametrize("delete", [False, True])
def test_an_exception_at_each_line_of_an_assignment(fastcors: ModuleType, delete: bool) -> None:
    """As KeyboardInterrupt: if the attribute was assigned, no request is answered from before it."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    lines = 0
    for line in range(1, 200):
        middleware = fastcors.CORSMiddleware(hello, allow_origins=[ORIGIN])
        exchange(middleware, get())
        try:
            with interrupted(interrupt, line):
                if delete:
                    del middleware.allow_origins
                else:
                    middleware.allow_origins = [OTHER]
        except KeyboardInterrupt:
            lines += 1
        else:
            break
        assigned = middleware.__dict__.get("allow_origins") != [ORIGIN]
        start = exchange(middleware, get())[0]
        allowed = start is not AttributeError and (b"access-control-allow-origin", ORIGIN.encode()) in start["headers"]
        assert allowed is not assigned, line
    assert lines > 5


def test_assigned_by_a_finalizer(fastcors: ModuleType) -> None:
    """The one of the value that an assignment replaces."""

    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        middleware.allow_origin_regex = None
        middleware.note = Finalized(lambda: setattr(middleware, "allow_origins", [OTHER]))
        seen: list[Any] = [answers(middleware)]
        middleware.note = None
        # PyPy finalizes nothing before it collects.
        gc.collect()
        seen.append(answers(middleware))
        middleware.allow_methods = Methods(lambda: exchange(middleware, get()), lambda: seen.append("gone"))
        middleware.allow_methods = ["GET"]
        gc.collect()
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert "gone" in ours


class Methods(list[str]):
    """Has a request answered, and then something done, when it goes."""

    def __init__(self, *do: Callable[[], object]) -> None:
        super().__init__(["GET"])
        self.do = do

    def __del__(self) -> None:
        for call in self.do:
            call()


def test_another_dict(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        other = base(hello, allow_origins=[OTHER], allow_headers=["X-Other"])
        seen = [answers(middleware)]
        middleware.__dict__ = dict(vars(other))
        seen.append(answers(middleware))
        # Whoever holds the dict writes to the attributes.
        held = dict(vars(base(hello, **CONFIG)))
        middleware.__dict__ = held
        seen.append(answers(middleware))
        held["allow_origins"] = [OTHER]
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] == ours[2] != ours[1] != ours[3] != ours[2]


@pytest.mark.parametrize("request_of", [get, preflight])
def test_borg(fastcors: ModuleType, request_of: Any) -> None:
    """All instances share one dict: what one assigns counts for the others."""

    def scenario(base: Any) -> Any:
        class Borg(base):
            state: dict[str, Any]

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                self.__dict__ = self.state
                super().__init__(*args, **kwargs)

        Borg.state = {}
        one, other = Borg(hello, **CONFIG), Borg(hello, **CONFIG)
        seen = [exchange(one, request_of()), exchange(other, request_of())]
        one.allow_origins = [OTHER]
        seen += [exchange(middleware, request_of(origin)) for middleware in (one, other) for origin in (ORIGIN, OTHER)]
        other.simple_headers = {"X-New": "1"}
        return [*seen, answers(one), answers(other)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


@pytest.mark.parametrize("attribute", ["allow_origins", "allow_methods", "simple_headers", "app"])
def test_getattribute(fastcors: ModuleType, attribute: str) -> None:
    def scenario(base: Any) -> Any:
        async def closed(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 503})

        instead = {"allow_origins": [OTHER], "allow_methods": ["PUT"], "simple_headers": {"X-New": "1"}, "app": closed}

        class Reading(base):
            def __getattribute__(self, name: str) -> Any:
                return instead[name] if name == attribute and instead else super().__getattribute__(name)

        middleware = Reading(hello, **CONFIG)
        seen = [answers(middleware)]
        instead.clear()
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[1]


def test_setattr_of_ones_own(fastcors: ModuleType) -> None:
    """One that does not hand on to ours: what it writes is seen all the same."""

    def scenario(base: Any) -> Any:
        class Own(base):
            def __setattr__(self, name: str, value: Any) -> None:
                object.__setattr__(self, name, value)

            def __delattr__(self, name: str) -> None:
                object.__delattr__(self, name)

        middleware = Own(hello, **CONFIG)
        seen = [answers(middleware)]
        middleware.allow_origins = [OTHER]
        seen.append(answers(middleware))
        middleware.is_allowed_origin = lambda origin: False
        seen.append(answers(middleware))
        del middleware.is_allowed_origin
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


class Anything(str):
    """A string that equals all others."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return str.__hash__(self)


class Nothing(str):
    """A string that equals no other."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return str.__hash__(self)


@pytest.mark.parametrize("kind", [Anything, Nothing, str])
@pytest.mark.parametrize("attribute", ["allow_origins", "allow_methods", "allow_headers"])
def test_items_replaced_by_what_compares_equal(fastcors: ModuleType, attribute: str, kind: Any) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **copy.deepcopy(CONFIG))
        seen = [answers(middleware)]
        values = getattr(middleware, attribute)
        values[:] = [kind(value + "x") if kind is Anything else kind(value) for value in values]
        seen += [answers(middleware), answers(middleware)]
        values.reverse()
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


class Proxy(str):
    """Compares equal to one string and is sent as another."""

    told: str

    def __eq__(self, other: object) -> bool:
        return self.told == other

    def __hash__(self) -> int:
        return hash(self.told)


@pytest.mark.parametrize("attribute", ["simple_headers", "preflight_headers"])
def test_header_values_replaced_by_what_compares_equal(fastcors: ModuleType, attribute: str) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **CONFIG)
        seen = [answers(middleware)]
        headers = getattr(middleware, attribute)
        for name, value in headers.items():
            proxy = headers[name] = Proxy("other")
            proxy.told = value
        return [*seen, answers(middleware)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours[0] != ours[1]


@pytest.mark.parametrize("pair", [lambda *pair: iter(pair), lambda *pair: (value for value in pair)])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_shot_pairs(fastcors: ModuleType, pair: Any, method: str, place: int) -> None:
    """Taken apart once, by whoever Starlette lets take it apart."""

    def scenario(base: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            seen.append([list(given) for given in scope["headers"]])
            await hello(scope, receive, send)

        seen: list[Any] = []
        headers: list[Any] = [(b"host", b"x"), (b"origin", ORIGIN.encode()), (b"access-control-request-method", b"GET")]
        headers.insert(place, pair(b"x-one", b"shot"))
        return exchange(base(app, **CONFIG), get() | {"method": method, "headers": headers}), seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


class Flag:
    """Has a truth value of its own, which changes."""

    def __init__(self, on: bool) -> None:
        self.on: Any = on

    def __bool__(self) -> bool:
        if isinstance(self.on, Exception):
            raise self.on
        return bool(self.on)


FLAGS = (
    "allow_all_origins",
    "allow_all_headers",
    "allow_credentials",
    "allow_private_network",
    "preflight_explicit_allow_origin",
)


@pytest.mark.parametrize("values", [(True, False), (False, True), (True, RuntimeError())], ids=str)
@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_with_a_truth_value_of_its_own(fastcors: ModuleType, flag: str, values: Any) -> None:
    def scenario(base: Any) -> Any:
        seen = []
        values_of_flag: tuple[Any, ...] = (Flag(True), [])
        for value in values_of_flag:
            middleware = base(hello, **copy.deepcopy(CONFIG))
            setattr(middleware, flag, value)
            for now in values:
                if isinstance(value, Flag):
                    value.on = now
                else:
                    value[:] = [1] if now else []
                seen.append(answers(middleware))
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_a_dict_that_another_instance_is_given(fastcors: ModuleType) -> None:
    """What is assigned through one counts for the other."""

    def scenario(base: Any) -> Any:
        one = base(hello, **copy.deepcopy(CONFIG))
        seen = [answers(one)]
        other = base.__new__(base)
        other.__dict__ = vars(one)
        seen += [answers(one), answers(other)]
        other.allow_origins = [OTHER]
        seen += [answers(one), answers(other)]
        one.allow_origins = []
        return [*seen, answers(one), answers(other)]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


class Assigning:
    """A collection that assigns to the middleware when it is asked."""

    def __init__(self, values: list[str], assign: Callable[[], None]) -> None:
        self.values, self.assign = values, assign

    def __iter__(self) -> Any:
        return iter(self.values)

    def __contains__(self, value: object) -> bool:
        if value != "*":
            self.assign()
        return value in self.values


@pytest.mark.parametrize("asked", ["allow_methods", "allow_headers", "allow_origins"])
@pytest.mark.parametrize("assigned", ["allow_private_network", "allow_headers", "allow_methods", "allow_origins"])
def test_a_collection_that_assigns_while_it_is_asked(fastcors: ModuleType, asked: str, assigned: str) -> None:
    def scenario(base: Any) -> Any:
        middleware = base(hello, **copy.deepcopy(CONFIG))
        values = [*getattr(middleware, asked), "x-a", "x-b"]
        new = True if assigned == "allow_private_network" else ["x-a"]
        setattr(middleware, asked, Assigning(values, lambda: setattr(middleware, assigned, new)))
        scope = preflight(names="x-a,x-b", private_network="true")
        return exchange(middleware, dict(scope)), exchange(middleware, dict(scope))

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_an_odd_item_beside_a_regex(fastcors: ModuleType) -> None:
    """The regex is asked first, as in Starlette, where an item may raise."""

    class Raising:
        def __eq__(self, other: object) -> bool:
            raise LookupError

        __hash__ = None  # type: ignore[assignment]

    def scenario(base: Any) -> Any:
        middleware = base(hello, allow_origins=[ORIGIN], allow_origin_regex="https://other.*")
        seen = [exchange(middleware, get(OTHER))]
        middleware.allow_origins.insert(0, Raising())
        return [*seen, *(exchange(middleware, request(OTHER)) for request in (get, preflight))]

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs


def test_an_odd_item_is_compared_as_often(fastcors: ModuleType) -> None:
    class Counting:
        def __eq__(self, other: object) -> bool:
            compared.append(other)
            return False

        __hash__ = None  # type: ignore[assignment]

    compared: list[object] = []

    def scenario(base: Any) -> Any:
        middleware = base(hello)
        middleware.allow_origins = [Counting(), ORIGIN]
        compared.clear()
        for _ in range(3):
            exchange(middleware, get())
        return len(compared)

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs == 3


@pytest.mark.thread_unsafe(reason="traces")
@pytest.mark.parametrize("change", ["replaced", "removed", "cleared"])
def test_an_origin_withdrawn_at_each_line_of_a_request(fastcors: ModuleType, change: str) -> None:
    """In place, by a signal handler: it is not allowed by a later request, though this one was looking it up."""
    lines = 0
    for line in range(1, 300):
        values = [ORIGIN, OTHER]
        middleware = fastcors.CORSMiddleware(hello, allow_origins=values)
        done: list[int] = []

        def withdraw(values: list[str] = values, done: list[int] = done) -> None:
            values[:] = {"replaced": [OTHER, OTHER], "removed": [OTHER], "cleared": []}[change]
            done.append(1)

        with interrupted(withdraw, line):
            drive(middleware(get(), nothing_received, nothing_received_by))
        if not done:
            break
        lines += 1
        for request_of in (get, preflight, get):
            named = dict(exchange(middleware, request_of(ORIGIN))[0]["headers"])
            assert b"access-control-allow-origin" not in named, line
    # The compiled core has no lines here.
    assert fastcors.COMPILED or lines > 20
