"""Read many damaged files in a process of its own: `batch.py FORMAT FIRST COUNT`; print what went wrong as JSON.

A process, so that an abort, a panic and a full memory are seen.
"""

import json
import resource
import signal
import sys
import tempfile
from pathlib import Path

from mutants import mutant, seeds

import iopdir as iop
from iopdir.errors import LoadError, UnknownNameError

SECONDS, MEMORY = 30, 1 << 30


def put(path: Path, data: bytes) -> None:
    """Put a file in its place, or the folder that it stands for."""
    if path.suffix != ".package":
        path.write_bytes(data)
        return
    path.mkdir(exist_ok=True)
    for name, text in json.loads(data).items():
        (path / name).write_bytes(text.encode("latin-1"))


def read(path: Path) -> iop.Directory:
    """Read it by its kind."""
    return (iop.read_hsds if path.suffix in (".hsds", ".package") else iop.read_directory)(path)


def fault(path: Path) -> str:
    """Say what is wrong with how a file was read; nothing if it was read, or refused in the right words."""
    try:
        quality = read(path).quality
    except (LoadError, UnknownNameError) as error:
        return (
            ""
            if str(path.name) in str(error) or isinstance(error, UnknownNameError)
            else f"no path in {error}"
        )
    except BaseException as error:  # noqa: BLE001 - a panic of compiled code is no Exception
        return f"{type(error).__name__}: {str(error)[:300]}"
    sums = quality.accepted + quality.merged + quality.rejected
    return "" if quality.rows_in == sums else f"{quality.rows_in} rows in, {sums} accounted for"


def main(kind: str, first: int, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        good = seeds(Path(folder))[kind]
        path = Path(folder) / f"SYNTHETIC.{kind}"
        put(path, good)
        read(path)  # what every file needs is in memory now
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (before + 2 * MEMORY, -1))
        signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError("too slow")))
        faults = {}
        for seed in range(first, first + count):
            put(path, mutant(kind, good, seed))
            sys.stderr.write(f"{seed}\n")  # an abort leaves the last number behind
            signal.alarm(SECONDS)
            found = fault(path)
            signal.alarm(0)
            if found:
                faults[seed] = found
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
        if grown > MEMORY:
            faults[-1] = f"{grown:,} bytes of memory"
        sys.stdout.write(json.dumps(faults))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
