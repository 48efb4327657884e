"""Settings: a file, the environment, and messages that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.assembly.settings import Section, Settings, read_settings
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
