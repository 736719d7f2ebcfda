"""The environment of the tools: their own venv and home, and nothing of the person's own."""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

GET_PIP = '''\
"""In the place of get-pip.py, which would be fetched from a host that may be unreachable."""
import subprocess
import sys

arguments = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "-m", "ensurepip"])
subprocess.check_call([sys.executable, "-m", "pip", "install", *arguments])
'''
PIP_RELEASES = ("24_2", "25_2")
"""The releases of pip that ansible-test 2.19 and 2.21 ask for."""


def environment(venv: Path, collections: Path) -> dict[str, str]:
    """The variables for the commands of a venv, with a home below it, which is made ready.

    collections: the tree in which Ansible finds the collection.
    """
    home = venv / "home"
    _let_ansible_test_find_pip(home)
    _keep_the_settings_of_pip(venv, home)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {
        **kept,
        "HOME": str(home),
        # Shims of version managers on PATH confuse ansible-test.
        "PATH": f"{venv / 'bin'}:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
        "ANSIBLE_HOME": str(home / ".ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
    }


def _let_ansible_test_find_pip(home: Path) -> None:
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for release in PIP_RELEASES:
        (cache / f"get_pip_{release}.py").write_text(GET_PIP)


def _keep_the_settings_of_pip(venv: Path, home: Path) -> None:
    """Write what pip is told here to the home: ansible-test hands on no variables of pip."""
    said = subprocess.run(
        [venv / "bin" / "python", "-m", "pip", "config", "list"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "pip")
    settings = {"cache-dir": str(cache)}
    for line in said.stdout.splitlines():
        section, dot, rest = line.partition(".")
        name, equals, value = rest.partition("=")
        if dot and equals and section in ("global", "user", "site", ":env:"):
            settings[name] = " ".join(str(ast.literal_eval(value)).split())
    file = home / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{name} = {value}\n" for name, value in settings.items())
    file.write_text(f"[global]\n{text}")
