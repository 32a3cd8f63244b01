"""A process that listens, has a child, and does not let itself be ended in order: for the test of the launcher."""

import signal
import socket
import subprocess
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
        print(child.pid, flush=True)
        signal.pause()
