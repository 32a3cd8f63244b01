"""A process that forks while other threads work: the child's first middleware is made, and answers."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

CODE = """
import os, sys, threading, warnings
sys.path.insert(0, {tests!r})
from support.exchange import CONFIG, ORIGIN, exchange, get, hello
import fastcors

class Waiting(fastcors.CORSMiddleware):
    # Says when it is being compiled, and waits there, with the lock held.
    @property
    def on_refusal(self):
        reached.set()
        go_on.wait()

reached, go_on = threading.Event(), threading.Event()
other = fastcors.CORSMiddleware(hello, **CONFIG)
exchange(other, get())
other.allow_origins = [ORIGIN]

def compile_and_wait():
    with fastcors.compiling.LOCK:
        Waiting(hello)

thread = threading.Thread(target=compile_and_wait)
thread.start()
assert reached.wait(30)
warnings.simplefilter("ignore")
child = os.fork()
if child == 0:
    made = fastcors.CORSMiddleware(hello, **CONFIG)
    made.allow_credentials = False
    for middleware in (made, other):
        allowed = (b"access-control-allow-origin", ORIGIN.encode()) in exchange(middleware, get())[0]["headers"]
        os.write(1, b"allowed\\n" if allowed else b"refused\\n")
    os._exit(0)
go_on.set()
thread.join()
other.allow_origins = []
os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_forked_while_another_thread_compiles(fastcors: ModuleType) -> None:
    environment = os.environ | {"FASTCORS_EXTENSIONS": "yes" if fastcors.COMPILED else "no"}
    code = CODE.format(tests=str(Path(__file__).parents[2]))
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "allowed\nallowed\n"), done.stderr
