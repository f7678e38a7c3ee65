"""What is installed, and the README's example."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import json
import re
import subprocess
import sys
from pathlib import Path

from helpers import AUDIO, ROOT, RunningService

import whospeaks_client

README = Path(__file__).resolve().parents[1] / "README.md"


def test_is_typed_and_of_the_version_of_the_service() -> None:
    assert importlib.resources.files(whospeaks_client).joinpath("py.typed").is_file()
    version = json.loads((ROOT / "package.json").read_text())["version"]
    assert importlib.metadata.version("whospeaks-client") == version


def test_has_the_licence_of_the_repository() -> None:
    assert (README.parent / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_the_example_of_the_readme_names_the_speakers_of_the_meeting(enrolled: RunningService) -> None:
    found = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert found is not None
    example = found[1].replace("http://127.0.0.1:7979", enrolled.url)
    done = subprocess.run([sys.executable, "-c", example], cwd=AUDIO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {line.split()[2] for line in done.stdout.splitlines()} >= {"alice", "bob", "unknown-1"}
