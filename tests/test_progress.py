"""Progress is shown to who looks at a terminal and asked, and to nobody else; no result depends on it."""

import json
import os
import pty
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pandas as pd
import pytest

import iopdir as iop
from iopdir import progress
from iopdir.cli.app import main
from iopdir.progress import during, each, show_progress


class AtOnce:
    """A timer that does not wait."""

    def __init__(self, seconds, work, args):
        self.seconds, self.work, self.args = seconds, work, args

    def start(self):
        self.work(*self.args)

    def cancel(self):
        pass


class Never(AtOnce):
    """A timer whose time does not come: all work is short."""

    def start(self):
        assert self.seconds == 1


@pytest.fixture
def slow(monkeypatch):
    """Make all work long."""
    monkeypatch.setattr(progress, "Timer", AtOnce)
    monkeypatch.setattr(progress, "_OFTEN_S", -1.0)


@pytest.fixture
def terminal(monkeypatch):
    """Have standard error be a terminal, and give what it is sent."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("TTY_COMPATIBLE", raising=False)

    @contextmanager
    def open_one():
        ours, theirs = pty.openpty()
        got = []

        def drain():
            while True:
                try:
                    part = os.read(ours, 65536)
                except OSError:
                    return
                if not part:
                    return
                got.append(part)

        reader = threading.Thread(target=drain)
        reader.start()
        seen = []
        try:
            with os.fdopen(theirs, "w", encoding="utf-8") as stream, monkeypatch.context() as patch:
                patch.setattr(sys, "stderr", stream)
                yield seen
        finally:
            reader.join()
            os.close(ours)
            seen.append(b"".join(got).decode())

    return open_one


def _refresh():
    """Draw now, not at the next beat."""
    progress._WATCHED.get()._shown.refresh()


def said(seen):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen[0])


def is_left_clean(seen):
    """Whether after the last bar its line is erased, the cursor is back, and nothing else is written."""
    tail = seen[0][seen[0].rindex("0:00:0") + 7 :]
    return "\x1b[2K" in tail and "\x1b[?25h" in tail and not said([tail]).strip()


def test_a_terminal_sees_what_is_done_how_far_it_is_and_then_nothing_more(slow, terminal):
    with terminal() as seen, show_progress():
        for done in each(range(4), "Counting"):
            if done == 2:
                _refresh()
    assert "Counting" in said(seen)
    assert " 50%" in said(seen)
    assert "0:00:0" in said(seen)
    assert is_left_clean(seen)


def test_parts_of_work_stand_under_the_whole(slow, terminal):
    with terminal() as seen, show_progress(), during("Whole"), during("Part"):
        _refresh()
    assert re.search(r"Whole.*\n.*Part", said(seen).replace("\r", ""))


def test_short_work_is_not_spoken_of(terminal, monkeypatch):
    monkeypatch.setattr(progress, "Timer", Never)
    with terminal() as seen, show_progress(), during("Whole"):
        assert list(each([1, 2], "Parts")) == [1, 2]
    assert seen == [""]


def test_without_asking_nothing_is_shown(slow, terminal):
    with terminal() as seen, during("Whole"):
        assert list(each([1, 2], "Parts")) == [1, 2]
    assert seen == [""]


@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}, {"TTY_COMPATIBLE": "1"}])
def test_a_pipe_or_a_file_gets_nothing_whatever_the_environment_says(slow, capfd, monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with show_progress(), during("Whole"):
        assert list(each([1, 2], "Parts")) == [1, 2]
    assert capfd.readouterr() == ("", "")


def test_a_terminal_that_cannot_move_its_cursor_gets_nothing(slow, terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    with terminal() as seen, show_progress(), during("Whole"):
        pass
    assert seen == [""]


def test_no_standard_error_at_all_is_no_terminal(slow, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with show_progress(), during("Whole"):
        assert list(each([1, 2], "Parts")) == [1, 2]


@pytest.mark.parametrize("found", [None, "ipywidgets"])
def test_a_notebook_sees_bars_if_it_can_draw_them(monkeypatch, found):
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr(progress, "find_spec", lambda name: found if name == "ipywidgets" else None)
    assert (progress._Bars.where_seen() is None) == (found is None)


def test_other_threads_are_silent(slow, terminal):
    with terminal() as seen, show_progress(), ThreadPoolExecutor(4) as pool:
        work = [pool.submit(lambda: list(each(range(100), "Elsewhere"))) for _ in range(16)]
        assert all(one.result() == list(range(100)) for one in work)
    assert seen == [""]


def test_an_error_leaves_the_terminal_as_it_was(slow, terminal):
    with terminal() as seen:
        with pytest.raises(ZeroDivisionError), show_progress(), during("Whole"):
            [1 / number for number in each([1, 0], "Dividing")]
        sys.stderr.write("afterwards")
    assert said(seen).rstrip().endswith("afterwards")
    assert seen[0].count("\x1b[?25l") == seen[0].count("\x1b[?25h") == 1


def test_work_that_outlives_the_watching_goes_on_in_silence(slow, terminal):
    with terminal() as seen:
        with show_progress():
            pieces = each(range(5), "Left half done")
            assert next(pieces) == 0
        sys.stderr.write("between")
        before = list(pieces)
    assert before == [1, 2, 3, 4]
    assert said(seen).endswith("between")
    assert seen[0].index("\x1b[?25h") < seen[0].index("between")


def test_a_second_that_is_over_after_the_watching_shows_nothing(terminal, monkeypatch):
    waiting = []
    monkeypatch.setattr(AtOnce, "start", lambda one: waiting.insert(0, one))
    monkeypatch.setattr(progress, "Timer", AtOnce)
    with terminal() as seen:
        with show_progress():
            pieces = each(range(5), "Left half done")
            next(pieces)
        waiting[0].work(*waiting[0].args)
        pieces.close()
    assert seen == [""]


def test_short_work_inside_of_long_work_is_not_spoken_of(terminal, monkeypatch):
    monkeypatch.setattr(progress, "Timer", AtOnce)
    with terminal() as seen, show_progress(), during("Long"):
        monkeypatch.setattr(progress, "Timer", Never)
        with during("Short"):
            _refresh()
        _refresh()
    assert "Long" in said(seen)
    assert "Short" not in said(seen)


def test_asking_twice_is_asking_once(slow, terminal):
    with terminal() as seen, show_progress(), during("Whole"), show_progress(), during("Part"):
        pass
    assert seen[0].count("\x1b[?25l") == 1


def test_no_name_can_act_on_the_terminal(slow, terminal):
    with terminal() as seen, show_progress(), during("Reading \x1b[31m[bold]\nx\u202e.csv"):
        pass
    assert "Reading [31m[bold]x.csv" in seen[0]


def test_figures_are_the_same_whether_somebody_watches_or_not(slow, terminal):
    demand, listing = iop.demand_points("zcta", state="VT"), iop.demo_directory()
    alone = iop.coverage_gaps(demand, listing)
    curve = iop.specification_curve(demand, listing, thresholds=["15 mi"])
    with terminal() as seen, show_progress():
        watched = iop.coverage_gaps(demand, listing)
        again = iop.specification_curve(demand, listing, thresholds=["15 mi"])
        assert again.test(permutations=99) == curve.test(permutations=99)
    pd.testing.assert_frame_equal(alone, watched)
    pd.testing.assert_frame_equal(curve.table, again.table)
    assert "Counting who is near enough" in said(seen)
    assert "Shuffling" in said(seen)


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_command_shows_progress_beside_its_answer_never_in_it(slow, terminal, capsys, monkeypatch, form):
    words = ["iopdir", "gaps", "--by", "state", "--state", "VT", "--format", form]
    answers = []
    for watched in (False, True):
        monkeypatch.setattr(sys, "argv", words)
        capsys.readouterr()
        if watched:
            with terminal() as seen, pytest.raises(SystemExit) as stopped:
                main()
        else:
            with pytest.raises(SystemExit) as stopped:
                main()
        assert stopped.value.code == 0
        answers.append(capsys.readouterr().out)
    assert answers[0] == answers[1]
    assert "\x1b" not in answers[1]
    assert form == "csv" or json.loads(answers[1])["rows"]
    assert "Measuring" in said(seen)
