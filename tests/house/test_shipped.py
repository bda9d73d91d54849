"""What ships speaks only of the project: no path of the machine that it was written on."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.house.imports import ROOT

# Put together here, so that this file does not hold what it looks for.
MACHINE_PATHS = tuple(f"/{folder}/" for folder in ("work", "tmp"))


def shipped(root: Path) -> list[Path]:
    """Files that git holds or would take. Raises CalledProcessError outside a work tree."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
    ).stdout
    paths = (root / name.decode() for name in listing.split(b"\0") if name)
    return [path for path in paths if path.is_file()]


def machine_paths(path: Path) -> list[str]:
    """`file:line` of each mention of the machine's own folders; none in a file that is not text."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        return []
    return [
        f"{path.name}:{number}"
        for number, line in enumerate(lines, 1)
        if any(folder in line for folder in MACHINE_PATHS)
    ]


def test_no_shipped_file_names_the_machine() -> None:
    paths = shipped(ROOT)
    assert ROOT / "pyproject.toml" in paths
    assert [mention for path in paths for mention in machine_paths(path)] == []


def test_canary_a_machine_path_is_told(tmp_path: Path) -> None:
    text = tmp_path / "note.md"
    text.write_text(f"fine\nsee {MACHINE_PATHS[0]}notes\n", "utf-8")
    assert machine_paths(text) == ["note.md:2"]


def test_canary_a_binary_file_is_passed_over(tmp_path: Path) -> None:
    packed = tmp_path / "packed.gz"
    packed.write_bytes(b"\x1f\x8b\xff" + MACHINE_PATHS[0].encode())
    assert machine_paths(packed) == []
