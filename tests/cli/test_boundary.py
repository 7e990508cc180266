"""Whatever happens inside: an exit code and sentences, never a stack trace, never half a file."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dtindex.findings import Findings, LimitError, finding

INDEX = "caict-computing-power-1.0"


def test_a_bug_prints_one_line_and_the_path_of_a_report(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("dtindex.cli.verbs.list.run", _breaks)
    found = cli("list")
    assert found.code == 70
    assert found.out == ""
    said = re.fullmatch(r"DT900 a bug in dtindex \(ZeroDivisionError: the inside\); report: (.+)\n", found.err)
    assert said
    report = Path(said[1]).read_text(encoding="utf-8")
    assert "command: dtindex list" in report
    assert "Traceback" in report


def _breaks() -> None:
    raise ZeroDivisionError("the\ninside")


def test_a_bug_without_a_place_for_the_report(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr("dtindex.cli.verbs.list.run", _breaks)
    found = cli("list")
    assert found.code == 70
    assert "no report could be written" in found.err
    assert "Traceback" not in found.err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "DT901"),
        (MemoryError(), 3, "DT903"),
        (LimitError(Findings([finding("DT104", "too large")])), 3, "DT104 too large"),
    ],
)
def test_what_ends_a_run_early(
    cli, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    def ends() -> None:
        raise error

    monkeypatch.setattr("dtindex.cli.verbs.list.run", ends)
    found = cli("list")
    assert found.code == code
    assert found.err.startswith(said)
    assert len(found.err.splitlines()) == 1
    assert cli("list", "--json").document["exit_code"] == code


SLOW = """
import sys, time
import dtindex.fitted as fitting
from dtindex.cli import main
fit = fitting.fit_and_score
def slow(*arguments, **named):
    print("fitting", file=sys.stderr, flush=True)
    time.sleep(60)
    return fit(*arguments, **named)
fitting.fit_and_score = slow
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_ends_with_130_one_line_and_no_file(tmp_path: Path, child_environment) -> None:
    command = [sys.executable, "-c", SLOW, "score", INDEX, "-o", str(tmp_path / "out")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=child_environment()
    ) as child:
        assert child.stderr is not None
        assert child.stderr.readline() == "fitting\n"
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert (out, err) == ("", "DT901 interrupted\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_a_broken_pipe_is_quiet_and_the_files_are_written(tmp_path: Path, child_environment) -> None:
    line = f"'{sys.executable}' -m dtindex score {INDEX} -o out | true"
    run = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=child_environment(),
    )
    assert run.returncode == 0
    assert run.stderr == ""
    assert len(list((tmp_path / "out").iterdir())) == 4


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_is_said(child_environment) -> None:
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "dtindex", "code"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=child_environment(),
        )
    assert run.returncode == 2
    assert run.stderr.startswith("standard output: DT410 cannot write: No space left")


@pytest.mark.skipif(os.name != "posix", reason="closes a descriptor by the shell")
def test_a_closed_standard_output_is_no_bug(child_environment) -> None:
    run = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m dtindex code DT202 >&-"],
        capture_output=True,
        text=True,
        env=child_environment(),
    )
    assert (run.returncode, run.stderr) == (0, "")


WRITES = """
import sys
from dtindex.atomic import write_files
for turn in range(1_000_000):
    content = (b"a" if turn % 2 else b"b") * 200_000
    write_files(sys.argv[1], {name: content for name in ("scores.csv", "scores_wide.csv", "findings.json", "run.json")})
    if turn == 0:
        print("started", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
def test_a_kill_while_writing_leaves_whole_files(tmp_path: Path, child_environment) -> None:
    for turn in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", WRITES, str(tmp_path)], stdout=subprocess.PIPE, env=child_environment()
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"started\n"
            time.sleep(0.013 * (turn + 1))
            child.kill()
        for name in ("scores.csv", "scores_wide.csv", "findings.json", "run.json"):
            content = (tmp_path / name).read_bytes()
            assert content in (b"a" * 200_000, b"b" * 200_000)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gb18030"])
def test_a_terminal_that_lacks_characters_ends_nothing(program, encoding: str) -> None:
    found = program("score", INDEX, "--language", "en", PYTHONIOENCODING=encoding)
    assert found.returncode == 0
    assert "Guangdong" in found.stdout


def test_bars_and_branches_fall_back_to_what_every_encoding_has(program) -> None:
    found = program("score", INDEX, PYTHONIOENCODING="ascii")
    assert "####" in found.stdout
    assert "?" not in found.stdout
    assert "`- " in program("show", INDEX, PYTHONIOENCODING="ascii").stdout


def test_json_is_pure_ascii_where_nothing_else_can_be_said(program) -> None:
    found = program("score", INDEX, "--json", PYTHONIOENCODING="ascii")
    assert "\\u5e7f\\u4e1c" in found.stdout


def test_the_c_locale(program) -> None:
    found = program("score", INDEX, "--language", "zh", LC_ALL="C", LANG="C")
    assert found.returncode == 0
    assert "广东" in found.stdout


def test_no_escape_sequences_where_nobody_asked(program) -> None:
    assert "\x1b" not in program("score", INDEX).stdout


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("options", "variables", "coloured"),
    [([], {}, True), (["--no-color"], {}, False), ([], {"NO_COLOR": "1"}, False), ([], {"TERM": "dumb"}, False)],
)
def test_colours_only_for_a_terminal_that_wants_them(
    child_environment, options: list[str], variables: dict[str, str], coloured: bool
) -> None:
    shown = _on_a_terminal(
        ["score", INDEX, *options], child_environment(**{"TERM": "xterm-256color", "NO_COLOR": "", **variables})
    )
    assert ("\x1b[" in shown) is coloured
    assert "Guangdong" in shown


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_no_line_is_wider_than_the_terminal(child_environment) -> None:
    shown = _on_a_terminal(["score", INDEX, "--no-color", "-q"], child_environment())
    assert shown == ""
    wide = _on_a_terminal(["score", INDEX, "--no-color"], child_environment(COLUMNS="90"))
    rows = [line for line in wide.splitlines() if re.match(r" +\d+ ", line)]
    assert len(rows) == 31
    assert all(len(row.rstrip()) <= 90 for row in rows)


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_tree_that_is_too_wide_for_the_terminal_becomes_lines(child_environment) -> None:
    narrow = _on_a_terminal(["show", INDEX, "--no-color"], child_environment(COLUMNS="80"))
    assert "├─ Computing scale (computing_scale)" in narrow
    assert "weight 1, 33.3 %, effective 33.33 %" in narrow
    listed = _on_a_terminal(["list", "--no-color"], child_environment(COLUMNS="80"))
    assert f"{INDEX}: China Computing Power" in listed


def _on_a_terminal(words: list[str], variables: dict[str, str]) -> str:
    import pty

    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "dtindex", *words], stdout=follower, stderr=subprocess.DEVNULL, env=variables
    ) as child:
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        assert child.wait(60) == 0
    os.close(leader)
    return shown.decode()
