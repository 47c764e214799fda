"""`iopdir eligibility`, as a user meets it. Every facility here is SYNTHETIC."""

import json
import subprocess

import pytest
from commands import IOPDIR, RUNNER

from iopdir.cli.app import app
from iopdir.eligibility.interview import questions


def test_answers_come_as_json_and_danger_goes_first(run, tmp_path):
    path = tmp_path / "answers.json"
    path.write_text('{"suicidality": true, "home_stable": true}')
    answer = json.loads(run("eligibility", "--json", str(path)))
    assert next(iter(answer)) == "urgent"
    assert "988" in answer["urgent"][0]
    assert answer["lean"] == "urgent_help"
    path.write_text('{"home_stable": true, "payment": "medicaid"}')
    answer = json.loads(run("eligibility", "--json", str(path), "--near", "60614"))
    assert answer["lean"] == "talk_first"
    assert answer["places"][0]["name"].startswith("SYNTHETIC")


@pytest.mark.parametrize("text", ["{", '{"name": "Jane"}', '{"suicidality": "perhaps"}', "[]"])
def test_answers_that_cannot_be_read_are_a_usage_error(tmp_path, text):
    path = tmp_path / "answers.json"
    path.write_text(text)
    done = subprocess.run(
        [*IOPDIR, "eligibility", "--json", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_interview_asks_all_about_safety_then_gives_every_advice_and_asks_no_more():
    asked = [question for question in questions() if question.urgent]
    danger = RUNNER.invoke(app, ["eligibility"], input="yes\nyes\n\nyes\n" + "\n" * (len(asked) - 4))
    assert danger.exit_code == 0
    shown = " ".join(danger.stdout.split())
    assert (
        shown.index("Thoughts of ending")
        < shown.index("Your safety comes")
        < shown.index("After an overdose")
    )
    assert [question for question in questions() if question.text in shown] == asked
    private, after = (shown.index(question.text) for question in asked[1:3])
    assert "> yes" in shown[:private]
    assert "> yes" not in shown[private:after]


def test_the_interview_takes_silence_for_unknown():
    silent = RUNNER.invoke(app, ["eligibility"], input="maybe\n" + "\n" * 30)
    assert silent.exit_code == 0
    assert "Please write one of" in silent.stdout
    assert "Talk with a clinician first" in silent.stdout
