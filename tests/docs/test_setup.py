"""`make setup` on machines that lack something: what it says, and that it ends at once when it may.

The whole installation is what CI does before it can run any test; here its decisions are tested, on a
copy of the tree with the programs it looks for put on its PATH or left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.reading import ROOT

TOOLS = ("sh", "cat", "cksum", "grep", "rm", "tail", "id", "env", "dirname")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A fresh clone as setup sees it, and a PATH of its own beside it."""
    clone = tmp_path / "clone"
    (clone / "tools").mkdir(parents=True)
    for name in ("pyproject.toml", "constraints.txt", "tools/setup.sh"):
        shutil.copy(ROOT / name, clone / name)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (tmp_path / "bin" / tool).symlink_to(found)
    return clone


PYTHON = 'case "$*" in *venv*.venv) /bin/mkdir -p .venv/bin && /bin/cp "$0" .venv/bin/python;; esac; exit 0'
"""A Python good enough for setup: what it is told to install succeeds, and its venv holds itself."""


def program(tree: Path, name: str, script: str) -> None:
    """Put a program on the tree's PATH."""
    path = tree.parent / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!{shutil.which('sh')}\n{script}\n")
    path.chmod(0o755)


def setup(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run it there, as a user who is not root; its PATH is the tree's own."""
    text = (tree / "tools/setup.sh").read_text()
    # /usr/sbin is where Debian has mosquitto: this machine's must not be found.
    (tree / "tools/setup.sh").write_text(text.replace(":/usr/sbin:/usr/local/sbin", ""))
    program(tree, "id", "echo 1000")
    return subprocess.run(
        ["sh", "tools/setup.sh"],
        cwd=tree,
        env={"PATH": str(tree.parent / "bin"), "HOME": str(tree)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_no_python(tree: Path) -> None:
    """Without a Python it says what to install, and fails."""
    done = setup(tree)
    assert done.returncode == 1
    assert "sudo apt-get install python3 python3-venv" in done.stdout


def test_an_old_python(tree: Path) -> None:
    """A Python before 3.11 is none."""
    program(tree, "python3", "exit 1")
    done = setup(tree)
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stdout


def test_python_without_venv(tree: Path) -> None:
    """Debian's Python without python3-venv: the package is named."""
    program(tree, "python3", 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac')
    done = setup(tree)
    assert done.returncode == 1
    assert "sudo apt-get install python3-venv" in done.stdout


def test_it_goes_on_without_mosquitto_and_chromium(tree: Path) -> None:
    """Where it may not install, it names the packages and installs the rest."""
    program(tree, "python3", PYTHON)
    done = setup(tree)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "please install:  sudo apt-get install mosquitto chromium" in done.stdout
    assert "setup: done." in done.stdout
    assert (tree / ".venv/.gate-installed").exists()


def test_the_second_run_ends_at_once(tree: Path) -> None:
    """Nothing changed: not a word, and no Python started; a changed pin installs again."""
    program(tree, "python3", PYTHON)
    program(tree, "mosquitto", "exit 0")
    program(tree, "chromium", "exit 0")
    first = setup(tree)
    shutil.copy(tree / ".venv/bin/python", tree / ".venv/bin/gate")
    (tree.parent / "bin/python3").unlink()
    second = setup(tree)
    with (tree / "constraints.txt").open("a") as pins:
        pins.write("# changed\n")
    third = setup(tree)
    assert "setup: done." in first.stdout, first.stdout + first.stderr
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert third.returncode == 1


def test_what_pip_says_is_shown(tree: Path) -> None:
    """A failed installation shows the end of pip's story and leaves no stamp behind."""
    pip = 'case "$*" in *install*) echo "no matching distribution"; exit 1;; esac'
    program(tree, "python3", f"{pip}; {PYTHON}")
    done = setup(tree)
    assert done.returncode == 1
    assert "no matching distribution" in done.stdout
    assert not (tree / ".venv/.gate-installed").exists()


def test_this_environment_is_python_3_11_or_newer() -> None:
    """The tests run where setup would install."""
    assert sys.version_info >= (3, 11)
    assert os.access(sys.executable, os.X_OK)
