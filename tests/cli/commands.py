"""How the tests run a command: in a process of its own for start-up and errors, with the runner for the rest."""

import sys

from typer.testing import CliRunner

RUNNER = CliRunner()
IOPDIR = [sys.executable, "-c", "from iopdir.cli.app import main; main()"]
