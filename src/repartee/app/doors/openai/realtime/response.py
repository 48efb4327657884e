"""One answer of ours, told in the order in which clients expect it: text and sound of one item."""

from __future__ import annotations

import base64
from typing import Any

from repartee.core.channel import Channel
from repartee.core.turn import INTERRUPTED, TurnRecord

from .events import new_id, outgoing


class Response:
    """Begun when there is something to say; ended with its turn."""

    def __init__(self, outbox: Channel[str], *, audio: bool) -> None:
        self._outbox, self._audio = outbox, audio
        self.id, self.item = new_id("resp"), new_id("item")
        self._text = ""
        self._tell("response.created", response=self._told("in_progress"))
        self._tell("response.output_item.added", item=self._message("in_progress"))
        self._tell("conversation.item.added", previous_item_id=None, item=self._message("in_progress"))
        self._part("response.content_part.added", part=self._content(""))

    def says(self, text: str) -> None:
        """The reply as far as it has got."""
        if len(text) > len(self._text):
            kind = "response.output_audio_transcript.delta" if self._audio else "response.output_text.delta"
            self._part(kind, delta=text[len(self._text) :])
            self._text = text

    def sounds(self, pcm: bytes) -> None:
        """Nobody waits for a client that does not read: what is lost is counted by the outbox, which ends it."""
        self._part("response.output_audio.delta", delta=base64.b64encode(pcm).decode())

    def end(self, record: TurnRecord) -> None:
        self.says(record.reply)
        status = "cancelled" if record.error == INTERRUPTED else "completed"
        if self._audio:
            self._part("response.output_audio.done")
            self._part("response.output_audio_transcript.done", transcript=self._text)
        else:
            self._part("response.output_text.done", text=self._text)
        self._part("response.content_part.done", part=self._content(self._text))
        self._tell("response.output_item.done", item=self._message(status))
        self._tell("conversation.item.done", previous_item_id=None, item=self._message(status))
        self._tell("response.done", response=self._told(status))

    def _content(self, text: str) -> dict[str, Any]:
        return {"type": "output_audio", "transcript": text} if self._audio else {"type": "output_text", "text": text}

    def _message(self, status: str) -> dict[str, Any]:
        content = [self._content(self._text)] if self._text else []
        item_status = (
            "completed" if status == "completed" else "in_progress" if status == "in_progress" else "incomplete"
        )
        told = {"id": self.item, "object": "realtime.item", "type": "message", "role": "assistant"}
        return {**told, "status": item_status, "content": content}

    def _told(self, status: str) -> dict[str, Any]:
        output = [] if status == "in_progress" else [self._message(status)]
        told = {"id": self.id, "object": "realtime.response", "status": status, "status_details": None}
        modalities = ["audio"] if self._audio else ["text"]
        return {**told, "output": output, "output_modalities": modalities, "metadata": None, "usage": None}

    def _part(self, kind: str, **more: Any) -> None:
        self._tell(kind, item_id=self.item, content_index=0, **more)

    def _tell(self, kind: str, **more: Any) -> None:
        indexed = (
            {} if kind in ("response.created", "response.done") or kind.startswith("conv") else {"output_index": 0}
        )
        of = {} if kind.startswith("conv") or "response" in more else {"response_id": self.id}
        self._outbox.push(outgoing(kind, **of, **indexed, **more))
