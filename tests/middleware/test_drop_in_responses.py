"""How an app uses the `send` that it is handed, what it raises, and who keeps what it sent."""

import asyncio
import functools
import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import anyio
import pytest
from support.asgi import drive
from support.exchange import (
    CONFIG,
    CONFIGS,
    CONNECTIONS,
    ORIGIN,
    OTHER,
    REQUESTS,
    answers,
    both,
    exchange,
    get,
    hello,
    in_a_task,
    nothing_received,
    served,
)

START = {"type": "http.response.start", "status": 200}
BODY = {"type": "http.response.body", "body": b"hello"}


async def wrapping_send(scope: Any, receive: Any, send: Any) -> None:
    @functools.wraps(send)
    async def wrapped(message: Any) -> None:
        await send(message)

    await hello(scope, receive, wrapped)


async def sending_by_keyword(scope: Any, receive: Any, send: Any) -> None:
    await send(message=dict(START))
    await send(message=BODY)


async def sending_in_tasks(scope: Any, receive: Any, send: Any) -> None:
    for message in (dict(START), BODY):
        await asyncio.create_task(send(message))


async def sending_in_a_task_group(scope: Any, receive: Any, send: Any) -> None:
    for message in (dict(START), BODY):
        async with anyio.create_task_group() as group:
            group.start_soon(send, message)


async def sending_from_a_thread(scope: Any, receive: Any, send: Any) -> None:
    loop = asyncio.get_running_loop()
    for message in (dict(START), BODY):
        await asyncio.to_thread(lambda: asyncio.run_coroutine_threadsafe(send(message), loop).result())  # noqa: B023


async def sending_without_argument(scope: Any, receive: Any, send: Any) -> None:
    await send()


async def sending_without_argument_late(scope: Any, receive: Any, send: Any) -> None:
    await send(dict(START))
    await send()


async def sending_two_arguments(scope: Any, receive: Any, send: Any) -> None:
    await send(dict(START), BODY)


async def sending_by_another_keyword(scope: Any, receive: Any, send: Any) -> None:
    await send(msg=dict(START))


async def sending_nothing(scope: Any, receive: Any, send: Any) -> None:
    await send(None)


async def looking_at_send(scope: Any, receive: Any, send: Any) -> None:
    # asgiref's WSGI bridge looks, and warns of what is no coroutine function.
    await send({"type": "looked", "coroutine function": inspect.iscoroutinefunction(send)})


SENDERS = (
    wrapping_send,
    sending_by_keyword,
    sending_in_tasks,
    sending_in_a_task_group,
    sending_from_a_thread,
    sending_without_argument,
    sending_without_argument_late,
    sending_two_arguments,
    sending_by_another_keyword,
    sending_nothing,
    pytest.param(
        looking_at_send,
        marks=pytest.mark.skipif(
            sys.implementation.name != "cpython", reason="PyPy runs what has the flag of a coroutine as one"
        ),
    ),
)


@pytest.mark.parametrize("connection", ["actual", "actual without Origin"])
@pytest.mark.parametrize("app", SENDERS)
def test_way_to_send(fastcors: ModuleType, app: Any, connection: str) -> None:
    def scenario(base: Any) -> Any:
        return served(in_a_task, base(app, **CONFIG), CONNECTIONS[connection]())

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ours


class Interrupt(BaseException):
    pass


@pytest.mark.parametrize("error", [RuntimeError("broken"), asyncio.CancelledError(), Interrupt()])
@pytest.mark.parametrize("messages", [0, 1, 2])
def test_app_that_raises(fastcors: ModuleType, messages: int, error: BaseException) -> None:
    """Before the response starts, after it, and after its end: the exception comes through as it is."""

    def scenario(base: Any) -> Any:
        sent: list[Any] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            for message in (dict(START), BODY)[:messages]:
                await send(message)
            raise error

        async def send(message: Any) -> None:
            sent.append(message)

        with pytest.raises(type(error)) as raised:
            drive(base(app, **CONFIG)(get(), nothing_received, send))
        assert raised.value is error
        return sent

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert len(ours) == messages


@pytest.mark.parametrize("failing", ["http.response.start", "http.response.body"])
def test_send_of_the_server_raises(fastcors: ModuleType, failing: str) -> None:
    def scenario(base: Any) -> Any:
        seen: list[Any] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            for message in (dict(START), BODY):
                try:
                    await send(message)
                except OSError as error:
                    seen.append(type(error))

        async def send(message: Any) -> None:
            seen.append(message)
            if message["type"] == failing:
                raise ConnectionResetError

        drive(base(app, **CONFIG)(get(), nothing_received, send))
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
    assert ConnectionResetError in ours


def test_cancelled(fastcors: ModuleType) -> None:
    def scenario(base: Any) -> Any:
        seen: list[str] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            try:
                await asyncio.sleep(60)
            finally:
                seen.append("cleaned up")

        async def main() -> None:
            task = asyncio.create_task(base(app)(get(), nothing_received, nothing_received))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(main())
        return seen

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs == ["cleaned up"]


@pytest.mark.parametrize("inner", CONFIGS)
@pytest.mark.parametrize("outer", CONFIGS)
def test_nested(fastcors: ModuleType, outer: str, inner: str) -> None:
    def nested(outermost: Any, innermost: Any) -> Any:
        middle = innermost(hello, **CONFIGS[inner])
        return answers(outermost(middle, **{**CONFIGS[outer], "expose_headers": ["X-Outer"]}))

    ours, theirs = both(fastcors, lambda base: nested(base, base))
    mixed = both(fastcors, lambda base: [nested(base, other) for other in both(fastcors, lambda other: other)])
    assert ours == theirs
    assert [*mixed[0], *mixed[1]] == [theirs] * 4


OWN_HEADERS = [(b"content-type", b"text/plain"), (b"vary", b"Accept")]
HEADERS: dict[str, Callable[[], dict[str, Any]]] = {
    "none": dict,
    "an empty list": lambda: {"headers": []},
    "one list for all": lambda: {"headers": OWN_HEADERS},
    "one tuple for all": lambda: {"headers": tuple(OWN_HEADERS)},
    "a generator": lambda: {"headers": (pair for pair in OWN_HEADERS)},
}


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("headers", HEADERS)
def test_no_two_responses_share_what_can_change(fastcors: ModuleType, headers: str, config: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, **HEADERS[headers]()})

    async def send(message: Any) -> None:
        sent.append(message)

    sent: list[Any] = []
    own_headers = list(OWN_HEADERS)
    middleware = fastcors.CORSMiddleware(app, **CONFIGS[config])
    before = answers(middleware)
    for request in [*REQUESTS.values(), *REQUESTS.values()]:
        drive(middleware(request(), nothing_received, send))
    lists = [message["headers"] for message in sent if "headers" in message]
    assert len({id(each) for each in lists}) == len(lists) == 2 * len(REQUESTS)
    assert all(type(each) is list and each is not OWN_HEADERS for each in lists)
    assert len({id(message) for message in sent}) == len(sent)
    for each in lists:
        each.append((b"set-cookie", b"session=another-user's"))
    for message in sent:
        message.clear()
    assert answers(middleware) == before
    assert own_headers == OWN_HEADERS


def test_message_used_twice(fastcors: ModuleType) -> None:
    """The message, unlike its headers, is the app's own, and is amended again each time."""

    def scenario(base: Any) -> Any:
        start = {**START, "headers": OWN_HEADERS}

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send(start)

        middleware = base(app, **{**CONFIG, "allow_origins": [ORIGIN, OTHER]})
        return [exchange(middleware, get(origin)) for origin in (ORIGIN, OTHER, None)], start

    ours, theirs = both(fastcors, scenario)
    assert ours == theirs
