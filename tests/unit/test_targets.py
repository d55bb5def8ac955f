"""Targets: what counts as reached, how they are shown, and the command that measures them."""

import pytest
from brian2 import mvolt, volt

from brianmem import Target, catalog, cli
from brianmem.errors import InputError
from brianmem.targets import rows, table


def target(expected=1 * volt, measured=1.001 * volt, **options):
    return Target("vteam", "tried", expected, lambda: measured, "computed",
                  **{"rtol": 0.01, **options})


@pytest.mark.parametrize(("options", "measured", "reached"), [
    ({}, 1.009 * volt, True), ({}, 1.011 * volt, False), ({}, 0.989 * volt, False),
    ({"rtol": 0, "atol": 5 * mvolt}, 1.004 * volt, True),
    ({"rtol": 0, "atol": 5 * mvolt}, 1.006 * volt, False),
    ({"compare": "<"}, 0.9 * volt, True), ({"compare": "<"}, 1.1 * volt, False),
    ({"compare": ">"}, 1.1 * volt, True), ({}, float("nan") * volt, False)])
def test_reached_within_the_tolerance(options, measured, reached):
    assert target(**options).reached(measured) is reached


def test_units_must_agree():
    with pytest.raises(InputError, match="which is not in volt"):
        target().reached(1.0)


@pytest.mark.parametrize(("options", "message"), [
    ({"rtol": 0}, "give rtol or atol"), ({"compare": "~"}, "compare must be")])
def test_a_target_without_meaning_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        target(**options)
    with pytest.raises(InputError, match="basis must be one of golden"):
        Target("vteam", "tried", 1.0, float, "guessed", rtol=1)


def test_table_shows_what_was_missed():
    text = table(rows([target(), target(measured=2 * volt)]))
    assert text.count("1 V ± 1 %") == 2
    assert "- yes" in text
    assert "- NO" in text


def test_command_measures_and_writes(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(catalog, "targets", lambda: [target()])
    assert cli.main(["targets", "vteam", "--out", str(tmp_path / "t.rst")]) == 0
    assert '{"targets": 1, "reached": 1}' in capsys.readouterr().out
    assert "list-table" in (tmp_path / "t.rst").read_text()
    monkeypatch.setattr(catalog, "targets", lambda: [target(measured=2 * volt)])
    assert cli.main(["targets"]) == 1
    assert "1 of 1 targets missed" in capsys.readouterr().err
    assert cli.main(["targets", "nonsense"]) == 2
