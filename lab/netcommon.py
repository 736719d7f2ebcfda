"""Takes the collection ansible.netcommon, and what it needs, out of PyPI's package `ansible`.

    python lab/netcommon.py DIRECTORY

The package has 50 MB and a hundred collections; DIRECTORY/ansible_collections gets two.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements-ansible.txt"

WANTED = ("ansible_collections/ansible/netcommon/", "ansible_collections/ansible/utils/")


def main(directory: Path) -> None:
    """Download the wheel and unpack the two collections."""
    with tempfile.TemporaryDirectory() as temporary:
        command = [*(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps")]
        command += ["--disable-pip-version-check", "--dest", temporary]
        subprocess.run([*command, "-r", str(REQUIREMENTS)], check=True)
        (wheel,) = Path(temporary).glob("ansible-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            members = [name for name in archive.namelist() if name.startswith(WANTED)]
            archive.extractall(directory, members)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
