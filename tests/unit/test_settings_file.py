"""The settings file as something that changes: validated first, written whole or not at all, a person's lines kept."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.assembly.settings_file import SettingsFile, from_environment, told
from repartee.core.errors import BadSettings

SET = "**********"
"""What is told of a secret that is there."""
OWN = '# mine\n[brain]\nlanguage = "fr"  # we speak French\n\n[system]\nport = 9000\n'


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    path = tmp_path / "repartee.toml"
    path.write_text(OWN)
    return SettingsFile(path)


def test_a_change_is_valid_at_once_and_leaves_the_rest_as_it_was_written(file: SettingsFile) -> None:
    settings = file.change({"brain.words_per_minute": 200})
    assert settings.brain.words_per_minute == 200
    text = file.path.read_text()
    assert text.startswith('# mine\n[brain]\nlanguage = "fr"  # we speak French\n')
    assert file.read() == settings


def test_none_is_the_default_again(file: SettingsFile) -> None:
    assert file.change({"system.port": None, "brain.language": None}).brain.language == "en"
    assert "port" not in file.path.read_text()


def test_what_is_not_possible_changes_nothing_and_names_file_and_key(file: SettingsFile) -> None:
    with pytest.raises(BadSettings, match=r"repartee\.toml: brain\.words_per_minute: .* not 1000") as caught:
        file.change({"brain.language": "de", "brain.words_per_minute": 1000})
    assert str(file.path) in str(caught.value)
    assert file.path.read_text() == OWN
    assert list(file.path.parent.iterdir()) == [file.path]


@pytest.mark.parametrize("key", ["brain", "", ".", "brain.", "nonsense.key", "brain.language.deeper", "brain.nonsense"])
def test_a_key_that_is_none_is_refused(file: SettingsFile, key: str) -> None:
    with pytest.raises(BadSettings):
        file.change({key: "x"})
    assert file.path.read_text() == OWN


def test_a_table_that_was_not_there_is_made_and_taken_away_again(file: SettingsFile) -> None:
    place = {"home.home_assistant.url": "http://127.0.0.1:8123", "home.home_assistant.token": "env:X"}
    home = file.change(place).home.home_assistant
    assert home is not None
    assert home.url == "http://127.0.0.1:8123"
    assert file.change({"home.home_assistant": None}).home.home_assistant is None


def test_a_new_file_is_for_this_user_alone(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "folder" / "repartee.toml")
    file.change({"confirmation.pin": "2468"})
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_a_secret_is_never_told(file: SettingsFile) -> None:
    values = told(file.change({"confirmation.pin": "2468", "system.token": "x" * 20}))
    assert values["confirmation"]["pin"] == SET
    assert values["system"]["token"] == SET
    assert told(file.change({"confirmation.pin": None}))["confirmation"]["pin"] == ""


def test_a_file_that_is_no_toml_is_left_alone(file: SettingsFile) -> None:
    file.path.write_text("[brain\n")
    with pytest.raises(BadSettings, match="mend the file by hand"):
        file.change({"brain.language": "de"})
    assert file.path.read_text() == "[brain\n"


def test_what_the_environment_decides_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPARTEE_BRAIN__LANGUAGE", "nl")
    monkeypatch.setenv("REPARTEE_SHARED", "x")
    assert "brain.language" in from_environment()
    assert not [key for key in from_environment() if "." not in key]


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=12), st.one_of(st.none(), st.text(), st.floats(), st.lists(st.integers()))))
def test_whatever_is_asked_the_file_stays_readable(changes: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = SettingsFile(Path(folder) / "repartee.toml")
        file.path.write_text(OWN)
        try:
            file.change(changes)
        except BadSettings:
            assert file.path.read_text() == OWN
        assert file.read().system.port == 9000
