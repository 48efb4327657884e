"""Settings: one TOML file, overridden by the environment, every key with its unit.

`REPARTEE_BRAIN__STT=pocketsphinx` in the environment overrides `stt` in the section `[brain]`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from repartee.core.address import HOST, PORT
from repartee.core.backlog import LIMIT
from repartee.core.errors import BadSettings, BadText
from repartee.core.untrusted import read_text
from repartee.stages.audio_in.endpointer import Endpointing
from repartee.stages.audio_in.wake import WakeRules
from repartee.stages.understand.confirmation import ASK, ConfirmationPolicy
from repartee.stages.understand.decision import DecisionThresholds

from .door_settings import DoorSettings
from .home_settings import HomeSettings
from .profile_defaults import with_defaults
from .redaction import Url
from .section import Section
from .settings_errors import explained
from .speed import Speed

TIMING, WAKE_RULES, THRESHOLDS = Endpointing(), WakeRules(), DecisionThresholds()
"""The values that the stages take; defaults stand there."""
FILE = "repartee.toml"
MAX_BYTES = 1_000_000
"""Of a settings file."""


class Brain(Section):
    """Understanding and answering."""

    language: str = Field("en", description="Language of speech and replies, as in `en`, `fr`, `pt-BR`.")
    stt: str = Field("moonshine", description="Engine that turns speech into text.")
    stt_otherwise: list[str] = Field(
        ["pocketsphinx"], description="Engines that hear, in order, where `stt` is missing or fails."
    )
    stt_model: Path | None = Field(None, description="Folder of another model for the engine; none: the bundled one.")
    stt_server: str = Field("", description='Wyoming service for `stt = "wyoming"`, as `tcp://HOST:PORT`.')
    stt_width: int = Field(12, ge=1, le=64, description="Sentences that hearing follows side by side.")
    understanding: Literal["grammar", "hassil"] = Field("grammar", description="Engine that turns words into intents.")
    meaning: bool = Field(True, description="Take what no sentence foresaw by its meaning (extra `meaning`).")
    sentences: Path | None = Field(None, description="Folder of your own sentences (docs/grammar.md).")
    tts: str = Field("espeak", description="Engine that speaks.")
    tts_otherwise: list[str] = Field([], description="Engines that speak, in order, where `tts` is missing or fails.")
    tts_server: str = Field("", description='Wyoming service for `tts = "wyoming"`, as `tcp://HOST:PORT`.')
    voices: list[Path] = Field([], description='Voices in Piper\'s format (ONNX files) for `tts = "piper"`.')
    speech_cache_mb: float = Field(
        200, ge=0, le=100_000, description="Megabytes of speech kept on disk for a neural voice; 0: none."
    )
    words_per_minute: int = Field(175, ge=80, le=450, description="Speed of the voice, words a minute.")
    confidence_threshold: float = Field(
        0.8, ge=0, le=1, description="Score (0-1) below which a reading is not acted on; scores are calibrated for 0.8."
    )
    max_context_history: int = Field(100, ge=1, le=10_000, description="Intents a session remembers.")
    deadline: float = Field(5.0, gt=0, le=60, description="Seconds from the end of speech until a turn gives up.")


class Deciding(Section):
    """When what was heard is acted on, asked about, or let be (docs/hearing.md)."""

    act: float = Field(
        THRESHOLDS.act, ge=0, le=1, description="Probability that this is what was said, from which it is acted on."
    )
    ask: float = Field(
        THRESHOLDS.ask, ge=0, le=1, description="The same from which it is asked about; below it was no command."
    )
    sure: float = Field(
        THRESHOLDS.sure,
        ge=0,
        le=1,
        description="The same from which one look at the sound is enough; below it takes two.",
    )
    margin: float = Field(
        THRESHOLDS.margin, ge=0, le=30, description="Ask where a second plan is less likely by less than this (nats)."
    )
    opposite: float = Field(
        THRESHOLDS.opposite, ge=0, le=30, description="The same where the first one would change nothing (nats)."
    )
    dictated: float = Field(
        THRESHOLDS.dictated, ge=0, le=100, description="Ask about free text in a sentence less likely than this (nats)."
    )
    redundant: float = Field(
        THRESHOLDS.redundant, ge=0, le=30, description="How much less likely it is to want what is so already (nats)."
    )

    @property
    def thresholds(self) -> DecisionThresholds:
        return DecisionThresholds(**self.model_dump())


class Audio(Section):
    """Hearing and being heard."""

    vad: str = Field("silero", description="Engine that tells speech from silence.")
    threshold: float = Field(
        TIMING.threshold, gt=0, lt=1, description="Probability from which a frame of sound is speech."
    )
    pre_roll: float = Field(
        TIMING.pre_roll, ge=0, le=3, description="Seconds of sound kept from before speech was noticed."
    )
    wait_closed: float = Field(
        TIMING.closed, ge=0.03, le=5, description="Seconds of silence that end a sentence that can't go on."
    )
    wait_complete: float = Field(TIMING.complete, ge=0.03, le=5, description="The same, for one that may be over.")
    wait_likely: float = Field(
        TIMING.likely,
        ge=0.03,
        le=5,
        description="The same, for one that may be over but makes no sense here unless it goes on.",
    )
    wait_open: float = Field(TIMING.open, ge=0.03, le=10, description="The same, for one that can't be over yet.")
    wait_impossible: float = Field(
        TIMING.impossible, ge=0.03, le=10, description="The same, where nothing that may be said begins like this."
    )
    wait_faint: float = Field(
        TIMING.faint, ge=0.03, le=5, description="At least, where a second look at the sound may change what was heard."
    )
    wait_doubtful: float = Field(
        TIMING.doubtful, ge=0.03, le=5, description="At least, where else a question would be asked, or nothing done."
    )
    wait_free: float = Field(TIMING.free, ge=0.03, le=10, description="The same, where that is unknown.")
    resume: float = Field(
        1.5, ge=0, le=5, description="Seconds after a sentence in which what is said may still belong to it; 0: never."
    )
    longest: float = Field(TIMING.longest, ge=1, le=600, description="Seconds after which an utterance is ended.")
    busy_after: float = Field(
        LIMIT,
        ge=0,
        le=60,
        description="Seconds that hearing may be behind before new speech is told so; 0: never told.",
    )
    barge_in: bool = Field(True, description="Speech ends a reply.")
    one_answers: bool = Field(True, description="Of satellites in areas that hear one sentence, the best answers.")
    echo: str = Field(
        "kalman", description="Engine that takes our own voice out of what the microphone hears; `none`: headphones."
    )
    wake_words: list[str] = Field(
        [], description="Words that open the microphone of `repartee mic`; none: it is always open."
    )
    wake: str = Field("microwakeword", description="Engine that listens for wake words.")
    wake_confirm: str = Field(
        "none",
        description="Engine that is asked where the first is unsure, as `openwakeword`; `none`: it decides alone.",
    )
    wake_sensitivity: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        {}, description="By word: 0 (hardly ever) to 1 (at the slightest sign); 0.5 where it is not named."
    )
    wake_refractory: float = Field(
        WAKE_RULES.refractory, ge=0, le=10, description="Seconds after a wake word in which none is noticed."
    )
    wake_window: float = Field(
        5.0, ge=0.5, le=60, description="Seconds after a wake word (or a question) in which speech is listened to."
    )

    @property
    def timing(self) -> Endpointing:
        return Endpointing(
            threshold=self.threshold,
            pre_roll=self.pre_roll,
            closed=self.wait_closed,
            complete=self.wait_complete,
            likely=self.wait_likely,
            open=self.wait_open,
            impossible=self.wait_impossible,
            faint=self.wait_faint,
            doubtful=self.wait_doubtful,
            free=self.wait_free,
            longest=self.longest,
        )

    @property
    def wake_rules(self) -> WakeRules:
        return WakeRules(self.wake_sensitivity, self.wake_refractory)


class ConfirmationSettings(Section):
    """What is not done on a word alone. A rule is a service (`lock.unlock`), a service and a device class
    (`cover.open_cover garage`), a device (`switch.boiler`), or `everything` (turning off the whole house)."""

    ask: list[str] = Field(list(ASK), description="Rules for what wants a yes (or the PIN) first; empty: nothing.")
    never: list[str] = Field([], description="Rules for what may not be done by voice at all.")
    hidden: bool = Field(
        False,
        description="Ask before scenes and scripts of which the home can't tell what they do; rules name single ones.",
    )
    many: int = Field(
        0, ge=0, description="Ask before one sentence that is about more devices than this; 0: however many."
    )
    pin: SecretStr = Field(SecretStr(""), description="Digits to say instead of yes; empty: a yes will do.")

    @field_validator("pin")
    @classmethod
    def _digits(cls, pin: SecretStr) -> SecretStr:
        said = pin.get_secret_value().strip()
        if said and not (said.isascii() and said.isdigit() and 4 <= len(said) <= 12):
            raise ValueError("a PIN is 4 to 12 digits")
        return SecretStr(said)

    @property
    def policy(self) -> ConfirmationPolicy:
        return ConfirmationPolicy(
            tuple(self.ask), tuple(self.never), self.pin.get_secret_value(), self.hidden, self.many
        )


class System(Section):
    """The machine."""

    host: str = Field(HOST, description="Address the server listens on; another than loopback needs `token`.")
    port: int = Field(PORT, ge=0, le=65535, description="Port; 0 picks a free one.")
    token: SecretStr | None = Field(None, description="Secret that clients must send; required beyond loopback.")
    names: list[str] = Field([], description="Host names people reach the server by, besides its addresses.")
    certificate: Path | None = Field(None, description="Certificate (PEM file) for https; none: http.")
    key: Path | None = Field(None, description="Key (PEM file) of the certificate; none: in the same file.")
    data: Path | None = Field(
        None, description="Folder of history, timers and lists; none: the user's own data folder; `-`: keep nothing."
    )
    retention_days: float = Field(30, gt=0, description="Days for which turns, and with them words, are kept.")
    record: bool = Field(False, description="Record turns with their sound, for `repartee replay`; never a PIN.")
    record_days: float = Field(7, gt=0, le=3650, description="Days for which recorded turns are kept.")
    record_mb: float = Field(500, gt=0, le=1_000_000, description="Megabytes of recorded turns; the oldest go first.")
    max_sessions: int = Field(32, ge=1, le=1000, description="Clients served at once; further ones are told so.")
    requests_per_second: float = Field(
        50, gt=0, le=10_000, description="Requests one client may make a second, in the long run."
    )
    requests_at_once: int = Field(200, ge=1, le=100_000, description="Requests one client may make at once.")
    max_concurrent_tasks: int = Field(4, ge=1, le=64, description="Service calls of one plan under way at once.")
    turns_at_once: int = Field(32, ge=1, le=1000, description="Turns answered at once; further ones wait.")
    turns_waiting: int = Field(64, ge=0, le=10_000, description="Turns that may wait; further ones are told so.")
    cache_entries: int = Field(1000, ge=0, le=1_000_000, description="Answers each cache keeps; 0: none.")
    cache_mb: float = Field(4.0, ge=0, le=10_000, description="Megabytes each cache keeps, about.")
    cache_ttl: float = Field(3600.0, gt=0, le=31_536_000, description="Seconds for which an answer is kept.")
    store_timeout: float = Field(60.0, gt=0, le=3600, description="Seconds a question to the store may take.")
    store_busy: float = Field(1.0, gt=0, le=600, description="Seconds to wait while another program holds its file.")
    event_queue_size: int = Field(1000, ge=1, le=100_000, description="Events a slow observer may fall behind.")

    @field_validator("token")
    @classmethod
    def _blanks_are_none(cls, token: SecretStr | None) -> SecretStr | None:
        said = token.get_secret_value().strip() if token else ""
        return SecretStr(said) if said else None


class ModelSettings(Section):
    """One language model: a server (`url`) or a file (`file`)."""

    url: str = Field("", description="Address of an OpenAI-compatible server, with its `/v1`; empty: none.")
    model: str = Field("", description="Name of the model on that server; empty: the first that it has.")
    key: str | None = Field(
        None, description="Where the server's key is: `env:NAME`, `file:PATH` or `keyring:NAME`; none: it wants none."
    )
    file: Path | None = Field(None, description="A GGUF file, run in a process of its own (extra `llm`).")
    context: int = Field(2048, ge=256, le=1_000_000, description="Tokens of prompt and answer together, of a file.")
    threads: int = Field(1, ge=1, le=256, description="Threads of a file's model.")
    idle: float = Field(600, gt=0, description="Seconds without a question after which a file's memory is given back.")
    max_tokens: int = Field(256, ge=16, le=100_000, description="Tokens of one answer.")
    first_within: float = Field(10, gt=0, le=600, description="Seconds until its first token, or it is given up.")
    stalled_after: float = Field(5, gt=0, le=600, description="Seconds between two tokens, or it is given up.")


class LanguageModels(Section):
    """Language models by what they are for; none: there is none, and nothing is missing for it."""

    fast: ModelSettings | None = Field(None, description="Answers while somebody waits.")
    good: ModelSettings | None = Field(None, description="Works after the reply; none: the fast one does.")
    open_microphone: bool = Field(
        False, description="Ask it also about what an open microphone hears without a wake word or a button."
    )
    streaming: bool = Field(True, description="Speak its first sentence while it makes the next.")
    answers_ttl: float = Field(
        3600, ge=0, le=604_800, description="Seconds for which an answer that rests on nothing here is told again."
    )


class MemorySettings(Section):
    """What people ask to be remembered, and say of themselves; `memory.sqlite` in the data folder."""

    on: bool = Field(True, description="Remember and recall; false: neither.")
    meaning: bool = Field(True, description="Find facts by meaning too, where the extra `meaning` is installed.")
    model: Path | None = Field(None, description="ONNX file of all-MiniLM-L6-v2; none: that of the extra `meaning`.")
    results_ttl: float = Field(
        300, ge=0, le=86_400, description="Seconds for which what was found is told again, until something is written."
    )
    together: bool = Field(True, description="Memory and names are looked up side by side, not one after the other.")
    extraction: Literal["off", "rules", "llm"] = Field(
        "llm", description="What is said in passing is kept: by rules, and by the language model where there is one."
    )
    batch: int = Field(5, ge=1, le=50, description="Sentences of one extraction by the language model.")
    batch_wait: float = Field(
        30, gt=0, le=3600, description="Seconds of silence after which fewer sentences are extracted as well."
    )


class Contract(Section):
    """The promises, and what keeps an eye on them."""

    profile: str = Field(
        "moonshot",
        description="Budgets that turns are held against: moonshot, alice, luna, companion, ptt, orac, or a TOML file.",
    )
    defaults: bool = Field(False, description="Take the settings that belong to the profile, where none is given.")
    actions: list[str] = Field(
        [],
        description="What an exceeded budget may set off: cpu_average, cpu_peak, memory_peak, end_to_end, tier.",
    )
    profiler: float = Field(
        5.0, ge=0, le=50, description="Samples a second of the profile that is always on (`/api/profile`); 0: none."
    )
    log: bool = Field(True, description="Keep a performance log (times and verdicts, no words) in the data folder.")
    traces: Url | None = Field(None, description="Address of an OTLP receiver, http://127.0.0.1:4318/v1/traces.")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="REPARTEE_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    brain: Brain = Brain()
    audio: Audio = Audio()
    deciding: Deciding = Deciding()
    home: HomeSettings = HomeSettings()
    confirmation: ConfirmationSettings = ConfirmationSettings()
    system: System = System()
    contract: Contract = Contract()
    llm: LanguageModels = LanguageModels()
    speed: Speed = Speed()
    memory: MemorySettings = MemorySettings()
    doors: DoorSettings = DoorSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The file (handed in) is overridden by the environment."""
        return env_settings, init_settings


def read_settings(path: Path | None = None, overrides: Mapping[str, Mapping[str, Any]] | None = None) -> Settings:
    """From `path` (or ./repartee.toml, or the user's configuration folder), then the environment, then `overrides`.

    `overrides`: section to key to value, what the command line says. Raises `BadSettings` that names file and key.
    """
    file = path or found_file()
    data = _toml(file) if file else {}
    try:
        settings = Settings(**data)
        for section, values in (overrides or {}).items():
            given = {key: value for key, value in values.items() if value is not None}
            merged = {**getattr(settings, section).model_dump(), **given}
            settings = settings.model_copy(update={section: type(getattr(settings, section))(**merged)})
        settings = with_defaults(settings) if settings.contract.defaults else settings
    except ValidationError as error:
        raise BadSettings(
            explained(error, str(file or "settings"), Settings)
        ) from None  # the cause has the values in it
    except SettingsError as error:
        key = str(error).partition('"')[2].partition('"')[0]
        raise BadSettings(f"the environment: what is given for {key or 'a setting'} is no JSON") from None
    return settings


def found_file() -> Path | None:
    """The settings file that is read where none is named; None: there is none."""
    return next((path for path in (Path(FILE), user_folder() / FILE) if path.is_file()), None)


def user_folder() -> Path:
    """Where this user's settings, and secrets in files, are kept."""
    return Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config")) / "repartee"


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path, MAX_BYTES))
    except BadText as error:
        raise BadSettings(f"{path}: {error}; give the path of a settings file") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadSettings(f"{path}: not TOML: {error}") from error
