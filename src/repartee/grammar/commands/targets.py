"""What a command is about: noun phrases ("all the kitchen lights except the counter light") and what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...core.home import Entity, Home
from .kinds import are_alike, is_of_kind, of_kind
from .tags import Tag, Tags

MAX_HEADS = 5
"""Names, kinds and places in one noun phrase."""
MAX_PHRASES = 24
"""Noun phrases that are looked at from one word."""


@dataclass(frozen=True, slots=True)
class Target:
    """What was named."""

    things: tuple[str, ...] = ()
    """Ids that the name may stand for; with `kind` those of the kind."""
    exact: bool = False
    """The whole name was said, not a part of it."""
    kind: str = ""
    places: tuple[str, ...] = ()
    """Ids of the area or floor, or of those that share the name."""
    here: bool = False
    everywhere: bool = False
    every: str = ""
    """`all`, `both`, `either` or nothing."""
    pronoun: bool = False
    without: tuple[Target, ...] = ()

    @property
    def is_place(self) -> bool:
        """Nothing but a place was said."""
        return bool(self.places or self.here or self.everywhere) and not (self.things or self.kind or self.every)


class TargetReader:
    """Finds noun phrases in tagged words."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def phrases(self, tags: Tags, start: int) -> list[tuple[int, Target]]:
        """All noun phrases that begin at a word, with where they end."""
        found: dict[tuple[int, Target], None] = {}
        for at, target in self._quantified(tags, start):
            for stop, whole in self._heads(tags, at, target, 0):
                found[(stop, whole)] = None
                if len(found) >= MAX_PHRASES:
                    return list(found)
        return list(found)

    def place(self, tags: Tags, start: int) -> list[tuple[int, Target]]:
        """A place by itself: "in the kitchen", "here"."""
        return [(stop, target) for stop, target in self._places(tags, start, Target()) if target.is_place]

    def _quantified(self, tags: Tags, start: int) -> Iterator[tuple[int, Target]]:
        """Past "all", "both", "only" and articles."""
        yield from self._past_articles(tags, start, Target())
        for tag in tags[start]:
            if tag.role in ("all", "both", "either"):
                yield from self._past_articles(tags, tag.stop, Target(every=tag.role))
            elif tag.role == "only":
                yield from self._past_articles(tags, tag.stop, Target())

    def _past_articles(self, tags: Tags, start: int, target: Target) -> Iterator[tuple[int, Target]]:
        yield start, target
        if start < len(tags):
            for tag in tags[start]:
                if tag.role == "articles":
                    yield from self._past_articles(tags, tag.stop, target)

    def _heads(self, tags: Tags, at: int, target: Target, depth: int) -> Iterator[tuple[int, Target]]:
        """Names, kinds and places, in any order, as long as something is all of that."""
        if at >= len(tags) or depth > MAX_HEADS:
            return
        for tag in reversed(tags[at]):
            narrowed = self._narrowed(target, tag)
            if narrowed is None:
                continue
            yield tag.stop, narrowed
            if not narrowed.pronoun:
                yield from self._heads(tags, tag.stop, narrowed, depth + 1)
                yield from self._linked(tags, tag.stop, narrowed, depth + 1)

    def _linked(self, tags: Tags, at: int, target: Target, depth: int) -> Iterator[tuple[int, Target]]:
        """ "... of the kitchen", "... in here", "... upstairs"."""
        if at >= len(tags) or depth > MAX_HEADS:
            return
        for stop, placed in self._places(tags, at, target):
            yield stop, placed
            yield from self._linked(tags, stop, placed, depth + 1)
        for tag in tags[at]:
            if tag.role == "of":
                for stop, _ in self._past_articles(tags, tag.stop, target):
                    yield from self._heads(tags, stop, target, depth + 1)

    def _places(self, tags: Tags, at: int, target: Target) -> Iterator[tuple[int, Target]]:
        if at >= len(tags) or target.places or target.here or target.everywhere:
            return
        for tag in tags[at]:
            if tag.role == "here":
                yield tag.stop, replace(target, here=True)
            elif tag.role == "everywhere":
                yield tag.stop, replace(target, everywhere=True)
            elif tag.role == "floor":
                yield tag.stop, replace(target, places=tag.ids)
            elif tag.role == "in":
                for stop, _ in self._past_articles(tags, tag.stop, target):
                    for place in tags[stop] if stop < len(tags) else ():
                        if place.role in ("area", "floor") and self._stands_in(target, place.ids):
                            yield place.stop, replace(target, places=place.ids)

    def _narrowed(self, target: Target, tag: Tag) -> Target | None:
        """With one more thing said of it; None where nothing is all of that."""
        if tag.role in ("area", "floor") and not target.places and not target.here:
            return replace(target, places=tag.ids) if self._stands_in(target, tag.ids) else None
        if tag.role == "kinds":
            if target.things:
                fitting = tuple(id for id in target.things if is_of_kind(tag.value, self._home.by_id[id]))
                return replace(target, things=fitting) if fitting else None
            if tag.value == "thing" or (target.kind and not are_alike(target.kind, tag.value)):
                return None
            return replace(target, kind=tag.value)
        if tag.role == "compound" and not (target.kind or target.things or target.places):
            return replace(target, kind=tag.value, places=tag.ids)
        if tag.role in ("name", "part"):
            return self._named(target, tag)
        if tag.role == "pronouns" and target == Target():
            return replace(target, pronoun=True)
        if tag.role == "everything" and target == Target():
            return replace(target, every="all", kind="everything")
        return None

    def _named(self, target: Target, tag: Tag) -> Target | None:
        if target.exact:
            return None
        ids = tag.ids if not target.things else tuple(id for id in tag.ids if id in target.things)
        if target.kind:
            ids = tuple(id for id in ids if is_of_kind(target.kind, self._home.by_id[id]))
        if target.places:
            ids = tuple(id for id in ids if self._is_within(self._home.by_id[id], target.places))
        return replace(target, things=ids, kind="", exact=tag.role == "name") if ids else None

    def _stands_in(self, target: Target, places: tuple[str, ...]) -> bool:
        """Whether one of the things may be there; of those without an area, any."""
        known = [self._home.by_id[id] for id in target.things]
        return not known or any(e.area is None or self._is_within(e, places) for e in known)

    def _is_within(self, entity: Entity, places: tuple[str, ...]) -> bool:
        area = self._home.area_by_id.get(entity.area or "")
        return area is not None and (area.id in places or area.floor in places)


@dataclass(frozen=True)
class Resolved:
    """The things a target stands for, or why that is not clear."""

    entities: tuple[Entity, ...] = ()
    problem: str = ""
    """`which` (one of several), `none` (there is no such thing there), or nothing."""
    named: bool = False
    """One thing was meant, not all of a kind."""
    place: str = ""
    """Id of the area or floor that counts."""


def resolve(target: Target, home: Home, domains: frozenset[str], here: str | None) -> Resolved:
    """`domains`: those the deed is for. `here`: the area of whoever speaks."""
    places = target.places or ((here,) if target.here and here else ())
    if target.things:
        found = _those(home, target.things, domains, places)
        return _one(target, found, here)
    found = _all(target, home, domains, places)
    place = places[0] if len(places) == 1 else ""
    if not places and not target.everywhere and not target.every:
        near = [entity for entity in found if here is not None and entity.area == here]
        if near:
            found, place = near, here or ""
        elif len({entity.area for entity in found}) > 1:
            return Resolved(tuple(found), "which")
    if target.every == "both" and len(found) != 2:
        return Resolved(tuple(found), "which" if len(found) > 2 else "none")
    if target.every == "either" and len(found) > 1:
        return Resolved(tuple(found), "which")
    left_out = {entity.id for other in target.without for entity in _excepted(other, found, home, here)}
    kept = tuple(entity for entity in found if entity.id not in left_out)
    return Resolved(kept, "" if kept else "none", named=len(found) == 1 and not places, place=place)


def _excepted(other: Target, found: Sequence[Entity], home: Home, here: str | None) -> Sequence[Entity]:
    """What is left out of the things found."""
    places = other.places or ((here,) if other.here and here else ())
    pool = [entity for entity in found if not other.things or entity.id in other.things]
    if other.kind and not other.things:
        pool = of_kind(other.kind, pool, frozenset(entity.domain for entity in pool))
    return [entity for entity in pool if not places or _within(entity, places, home)]


def excludes(target: Target, home: Home, domains: frozenset[str], here: str | None) -> bool:
    """Whether each exception takes something away; one that does not was not understood."""
    found = resolve(replace(target, without=()), home, domains, here).entities
    return all(_excepted(other, found, home, here) for other in target.without)


def _one(target: Target, found: Sequence[Entity], here: str | None) -> Resolved:
    if not found:
        return Resolved((), "none", named=True)
    near = [entity for entity in found if here is not None and entity.area == here]
    chosen = near if near and not target.places else list(found)
    if len(chosen) > 1 and not target.every and not _alike(chosen):
        return Resolved(tuple(chosen), "which", named=True)
    return Resolved(tuple(chosen if target.every else chosen[:1]), named=True)


def _alike(found: Sequence[Entity]) -> bool:
    return len({(entity.name, entity.domain, entity.area) for entity in found}) == 1


def _those(home: Home, ids: Sequence[str], domains: frozenset[str], places: tuple[str, ...]) -> list[Entity]:
    things = [home.by_id[id] for id in ids if home.by_id[id].domain in domains]
    return [e for e in things if not places or e.area is None or _within(e, places, home)]


def _all(target: Target, home: Home, domains: frozenset[str], places: tuple[str, ...]) -> list[Entity]:
    pool = [entity for entity in home.entities if not places or _within(entity, places, home)]
    if target.kind == "everything" or not target.kind:
        return [entity for entity in pool if entity.domain in domains]
    return of_kind(target.kind, pool, domains)


def _within(entity: Entity, places: tuple[str, ...], home: Home) -> bool:
    area = home.area_by_id.get(entity.area or "")
    return area is not None and (area.id in places or area.floor in places)
