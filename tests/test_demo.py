"""`make run`, as it is seen on a screen."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from rich.cells import cell_len

_SECONDS = 120


def test_the_demo_shows_one_customer_and_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    root = str(Path(__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, "-m", "resolver.demo"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root, "RESOLVER_LISTEN": listen, "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        too_late = threading.Timer(_SECONDS, demo.kill)
        too_late.start()
        assert demo.stdout is not None and demo.stderr is not None
        shown = []
        for line in demo.stdout:
            shown.append(line.rstrip("\n"))
            if line.startswith("Serving"):
                break
        demo.send_signal(signal.SIGINT)
        rest, errors = demo.communicate(timeout=20)
        too_late.cancel()
    screen = "\n".join(shown)
    assert (demo.returncode, rest) == (0, "")
    assert "Traceback" not in errors
    assert f"listening on {listen}" in shown[0]
    assert "Sanne van der Linden" in screen
    preferred = next(line for line in shown if line.startswith("Preferred channel for service"))
    assert "whatsapp (+31622718281)" in preferred
    assert "contacts that they answered there" in screen
    assert "records are one" in screen and "phone equal" in screen
    assert "stay two customers" in screen and "same household" in screen
    assert f"--target {listen}" in screen
    assert max(map(cell_len, shown)) <= 100
