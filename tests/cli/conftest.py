"""A small listing, and a command that must succeed."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from commands import RUNNER

from iopdir.cli.app import app, main


@pytest.fixture
def run():
    """Run a command in this process and give what it prints to standard output."""

    def invoke(*words: str) -> str:
        done = RUNNER.invoke(app, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return invoke


@pytest.fixture
def fails(capsys, monkeypatch):
    """Run a command as from a shell, in this process, and give what it says when it fails, on one line."""

    def invoke(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["iopdir", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code in (1, 2)
        said = capsys.readouterr()
        assert said.out == ""
        return " ".join(said.err.replace("│", " ").split())

    return invoke


@pytest.fixture
def listing(tmp_path):
    path = tmp_path / "SYNTHETIC.csv"
    path.write_text(
        "name1,street1,city,state,zip,phone,keys\n"
        "SYNTHETIC One,1 X St,Chicago,IL,60614,312-555-0101,SA OP OIT MD\n"
        "SYNTHETIC Two,2 X St,Boston,MA,2108,,SA OP OIT\n"
        ",3 X St,Boston,MA,02108,,SA\n"
    )
    return path
