"""Read many damaged files in a process of its own: `batch.py FORMAT FIRST COUNT`; print what went wrong as JSON.

A process, so that an abort, a panic, a hang and a full memory are seen.
"""

import faulthandler
import json
import resource
import signal
import sys
import tempfile
from pathlib import Path

from families import FAMILIES, mutant, put, seed

from iopdir.errors import IopdirError, LoadError

SECONDS, MEMORY = 30, 1 << 30


def fault(kind: str, path: Path) -> str:
    """Say what is wrong with how a file was read; nothing if it was read, or refused in the right words."""
    try:
        FAMILIES[kind].read(path)
    except LoadError as error:
        return "" if path.name in str(error) else f"no path in {error}"
    except IopdirError:
        return ""
    except BaseException as error:  # noqa: BLE001 - a panic of compiled code is no Exception
        return f"{type(error).__name__}: {str(error)[:300]}"
    return ""


def main(kind: str, first: int, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"SYNTHETIC.{kind}"
        good = seed(kind, path)
        put(kind, path, good)
        FAMILIES[kind].read(path) if kind != "fhir" else None  # what every file needs is in memory now
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (before + 2 * MEMORY, -1))
        signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError("too slow")))
        faults = {}
        for number in range(first, first + count):
            put(kind, path, mutant(kind, good, number))
            sys.stderr.write(f"{number}\n")  # an abort leaves the last number behind
            faulthandler.dump_traceback_later(
                2 * SECONDS, exit=True
            )  # a loop of compiled code hears no alarm
            signal.alarm(SECONDS)
            found = fault(kind, path)
            signal.alarm(0)
            if found:
                faults[number] = found
        faulthandler.cancel_dump_traceback_later()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
        if grown > MEMORY:
            faults[-1] = f"{grown:,} bytes of memory"
        sys.stdout.write(json.dumps(faults))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
