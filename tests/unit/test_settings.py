"""Settings: a file, the environment, and messages that say what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repartee.assembly.profile_defaults import NOT_HERE, SETTING
from repartee.assembly.section import Section
from repartee.assembly.settings import Settings, read_settings
from repartee.contract import SHIPPED, load_profile
from repartee.core.errors import BadSettings


def written(folder: Path, text: str) -> Path:
    path = folder / "repartee.toml"
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings = read_settings()
    assert settings.brain.confidence_threshold == 0.8
    assert settings.brain.max_context_history == 100
    assert settings.system.max_concurrent_tasks == 4
    assert settings.system.event_queue_size == 1000


def test_the_file_here_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, '[brain]\nlanguage = "fr"\n')
    monkeypatch.chdir(tmp_path)
    assert read_settings().brain.language == "fr"


def test_environment_wins_over_file_and_options_over_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, '[brain]\nlanguage = "fr"\nstt = "fake"\n[system]\nport = 1234\n')
    monkeypatch.setenv("REPARTEE_BRAIN__LANGUAGE", "nl")
    settings = read_settings(path)
    assert (settings.brain.language, settings.brain.stt, settings.system.port) == ("nl", "fake", 1234)
    settings = read_settings(path, {"brain": {"language": "de", "stt": None}})
    assert (settings.brain.language, settings.brain.stt) == ("de", "fake")


def test_a_token_is_not_shown(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, '[system]\ntoken = "open sesame"\n'))
    assert "sesame" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("[brain]\nsst = 'fake'\n", ["brain.sst: unknown key", "stt"]),
        ("[brian]\n", ["brian: unknown key", "brain", "audio", "system"]),
        ("[system]\nport = 99999\n", ["system.port", "65535", "99999"]),
        ("[brain]\nunderstanding = 'magic'\n", ["brain.understanding", "'hassil'", "magic"]),
        ("[audio]\nbarge_in = 'perhaps'\n", ["audio.barge_in", "boolean"]),
        ("[audio\n", ["not TOML"]),
    ],
)
def test_a_mistake_names_the_file_the_key_and_what_is_allowed(tmp_path: Path, text: str, complaints: list[str]) -> None:
    with pytest.raises(BadSettings) as error:
        read_settings(written(tmp_path, text))
    for complaint in ["repartee.toml", *complaints]:
        assert complaint in str(error.value)


def test_a_mistake_in_the_environment_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPARTEE_SYSTEM__PORT", "many")
    with pytest.raises(BadSettings, match=r"system\.port"):
        read_settings()


def test_an_absent_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="give the path"):
        read_settings(tmp_path / "none.toml")


def test_every_key_is_documented() -> None:
    for name, section in Settings.model_fields.items():
        kind = section.annotation
        assert isinstance(kind, type)
        assert issubclass(kind, Section)
        for key, field in kind.model_fields.items():
            assert field.description, f"{name}.{key} has no description"


@pytest.mark.parametrize(
    "text",
    [
        '[system]\ntoken = ["hunter2hunter2"]\n',
        '[system]\ntoken = {a = "hunter2hunter2"}\n',
        '[confirmation]\npin = "hunter2"\n',
        '[confirmation]\npin = ["hunter2"]\n',
        '[system]\nnames = {a = "hunter2"}\n',
        '[system]\nport = ["hunter2"]\n',
        'system = "hunter2"\n',
        '[home]\nmqtt = "hunter2"\n',
        '[home.mqtt]\npassword = ["hunter2"]\n',
        '[home.mqtt]\nhost = "mqtt://me:hunter2@broker"\n',
        '[home.home_assistant]\nurl = "http://me:hunter2@ha:8123"\n',
        '[home.home_assistant]\nurl = 7\ntoken = "hunter2"\n',
        '[contract]\ntraces = "https://hunter2@host/v1/traces"\n',
        '[brain]\nunderstanding = "https://me:hunter2@host/x"\n',
        '[brain]\nunderstanding = "https://host/x?token=hunter2"\n',
    ],
)
def test_a_mistake_never_tells_a_secret(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSettings) as told:
        read_settings(written(tmp_path, text))
    assert "hunter2" not in str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__


def test_an_environment_that_is_no_json_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPARTEE_SYSTEM__NAMES", "hunter2")
    with pytest.raises(BadSettings) as told:
        read_settings(written(tmp_path, ""))
    assert "hunter2" not in str(told.value)
    assert "system" in str(told.value)


def test_a_pin_of_digits_may_be_written_as_a_number_only_in_quotes(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, '[confirmation]\npin = " 0471 "\n')).confirmation.policy.pin == "0471"
    with pytest.raises(BadSettings, match="pin") as told:
        read_settings(written(tmp_path, "[confirmation]\npin = 4711\n"))
    assert "4711" not in str(told.value)


@pytest.mark.parametrize("blanks", ["", " " * 16, "\t \u00a0\u2003" * 8])
def test_a_token_of_blanks_is_none(tmp_path: Path, blanks: str) -> None:
    settings = read_settings(written(tmp_path, f'[system]\nhost = "0.0.0.0"\ntoken = {json.dumps(blanks)}\n'))
    assert settings.system.token is None


def test_words_are_kept_for_thirty_days(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, "")).system.retention_days == 30


def test_a_profile_s_defaults_are_settings_or_say_why_not() -> None:
    defaults = {name for profile in map(load_profile, SHIPPED) for name in profile.defaults}
    assert defaults == SETTING.keys() | NOT_HERE.keys()
    for section, key in SETTING.values():
        assert key in type(getattr(Settings(), section)).model_fields


def test_they_are_taken_where_a_person_asks_and_says_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "repartee.toml"
    file.write_text('[contract]\nprofile = "luna"\ndefaults = true\n[system]\ncache_entries = 50\n')
    settings = read_settings(file)
    assert settings.brain.confidence_threshold == 0.7
    assert settings.system.cache_entries == 50, "what a person says wins"
    file.write_text('[contract]\nprofile = "luna"\n')
    assert read_settings(file).brain.confidence_threshold == Settings().brain.confidence_threshold
