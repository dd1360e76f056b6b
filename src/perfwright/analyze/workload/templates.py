"""URL templates, told from the paths of a log by how they branch: `/items/{item_id}`.

    /items ─┬─ 17 ── reviews         many children, each rare, alike in look and in what follows:
            ├─ 42 ── reviews           one parameter        /items/{item_id}/reviews
            ├─ 99
            └─ search                few and frequent: constants    /items/search

The paths make a tree of segments. From the root on, the children of each node are put into groups
of one look (`segments.py`), and a group becomes a parameter
  - at once, where it cannot be a constant: UUIDs, long hashes, very long text;
  - from 3 different numbers or dates on (fewer if they are long and rare);
  - from 8 different words that look like slugs, 30 plain words, or 100 of any look, if what
    follows them is alike.
Children of a parameter are joined, and the same is asked of them. Learnt from what the server
answered well: the 404s of a scanner are no evidence of anything.

Learning is linear in the number of distinct segments, matching in the number of a path's segments.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from perfwright.analyze.workload.segments import (
    Look,
    clean_path,
    look_of,
    seems_slug,
    segments_of,
)

_FEW_NUMBERS = 3
_SLUGS = 8
_WORDS = 30
_MANY = 100
_RARE = 20
_ALIKE = 0.5
_VERSIONS = 10
_MOST = 4


@dataclass(frozen=True, slots=True)
class Slot:
    """The variable part of a segment. `kind`: integer, uuid, hash, date, slug, text. `loose`: a few
    values look otherwise. `values`: a few that were seen, for the choice of a name."""

    kind: str
    prefix: str = ""
    suffix: str = ""
    values: tuple[str, ...] = ()
    loose: bool = False

    def accepts(self, segment: str, look: Look) -> bool:
        if len(segment) <= len(self.prefix) + len(self.suffix):
            return False
        if not (segment.startswith(self.prefix) and segment.endswith(self.suffix)):
            return False
        if self.is_wide:
            return True
        return look.kind == self.kind and look.prefix == self.prefix

    @property
    def is_wide(self) -> bool:
        return self.loose or self.kind in ("slug", "text")

    def value(self, segment: str) -> str:
        return segment[len(self.prefix) : len(segment) - len(self.suffix)]


Template = tuple[str | Slot, ...]


@dataclass(slots=True)
class Tree:
    """`weight`: requests that come by; `ends`: those that end here."""

    weight: float = 0.0
    ends: float = 0.0
    children: dict[str, Tree] = field(default_factory=dict)


@dataclass(slots=True)
class _Node:
    constants: dict[str, _Node] = field(default_factory=dict)
    slots: list[tuple[Slot, _Node]] = field(default_factory=list)
    ends: bool = False


class Templates:
    """Learnt templates; `match` finds the one of a path."""

    def __init__(self, root: _Node) -> None:
        self._root = root

    def match(self, path: str) -> tuple[Template, tuple[str, ...]] | None:
        """The template of a cleaned path and the values of its slots; None where no path that was
        learnt has such a form."""
        node = self._root
        template: list[str | Slot] = []
        values: list[str] = []
        for segment in segments_of(path):
            constant = node.constants.get(segment)
            if constant is not None:
                template.append(segment)
                node = constant
                continue
            look = look_of(segment)
            for slot, behind in node.slots:
                if slot.accepts(segment, look):
                    template.append(slot)
                    values.append(slot.value(segment))
                    node = behind
                    break
            else:
                return None
        return (tuple(template), tuple(values)) if node.ends else None


def learn(paths: Iterable[tuple[str, float]]) -> Templates:
    """Of (path, requests that were answered well)."""
    root = Tree()
    for path, weight in paths:
        cleaned = clean_path(path)
        if cleaned is not None and weight > 0:
            _insert(root, segments_of(cleaned), weight)
    return Templates(_settled(root))


def _insert(root: Tree, segments: Sequence[str], weight: float) -> None:
    node = root
    for segment in segments:
        node.weight += weight
        child = node.children.get(segment)
        if child is None:
            child = node.children[segment] = Tree()
        node = child
    node.weight += weight
    node.ends += weight


def _settled(tree: Tree) -> _Node:
    node = _Node(ends=tree.ends > 0)
    taken: set[str] = set()
    for slot, labels in _slots(tree):
        taken.update(labels)
        node.slots.append((slot, _settled(_joined([tree.children[label] for label in labels]))))
    node.slots.sort(key=lambda pair: _strictness(pair[0]))
    for label, child in tree.children.items():
        if label not in taken:
            node.constants[label] = _settled(child)
    return node


def _strictness(slot: Slot) -> tuple[bool, int]:
    """Narrow forms are tried first."""
    return slot.is_wide, -len(slot.prefix) - len(slot.suffix)


def _joined(trees: Sequence[Tree]) -> Tree:
    if len(trees) == 1:
        return trees[0]
    by_label: dict[str, list[Tree]] = defaultdict(list)
    for tree in trees:
        for label, child in tree.children.items():
            by_label[label].append(child)
    return Tree(
        sum(tree.weight for tree in trees),
        sum(tree.ends for tree in trees),
        {label: _joined(children) for label, children in by_label.items()},
    )


def _slots(tree: Tree) -> list[tuple[Slot, list[str]]]:
    """The groups of children that are parameters, each with its labels."""
    groups: dict[Look, list[str]] = defaultdict(list)
    words: list[str] = []
    for label in tree.children:
        look = look_of(label)
        if look.kind == "word" or label == "":
            words.append(label)
        else:
            groups[look].append(label)
    found: list[tuple[Slot, list[str]]] = []
    affixed: list[tuple[Look, list[str]]] = []
    for look, labels in groups.items():
        if look.is_no_constant or not (look.prefix or look.suffix):
            if look.is_no_constant or _are_numbers(tree, labels):
                found.append((_slot(look.kind, look, labels), labels))
        else:
            affixed.append((look, labels))
    return _absorbed(found + _word_slots(tree, [label for label in words if label], affixed))


def _absorbed(groups: list[tuple[Slot, list[str]]]) -> list[tuple[Slot, list[str]]]:
    """Ids that mix letters and digits are sometimes digits only: a small group of another look
    beside a large one of words or hashes is the same parameter."""
    whole = [pair for pair in groups if not (pair[0].prefix or pair[0].suffix)]
    if len(whole) < 2:
        return groups
    slot, labels = max(whole, key=lambda pair: len(pair[1]))
    small = [pair for pair in whole if _MOST * len(pair[1]) < len(labels)]
    if slot.kind not in ("slug", "hash", "text") or not small:
        return groups
    kept = [pair for pair in groups if pair not in small and pair[0] is not slot]
    joined = [label for pair in small for label in pair[1]]
    return [*kept, (replace(slot, loose=True), labels + joined)]


def _word_slots(
    tree: Tree, words: list[str], affixed: list[tuple[Look, list[str]]]
) -> list[tuple[Slot, list[str]]]:
    """Of words, and of words around a number (`item-42`): those are a form of their own where they
    are most of all, and else words like the others."""
    total = len(words) + sum(len(labels) for _, labels in affixed)
    found: list[tuple[Slot, list[str]]] = []
    some: list[tuple[Look, list[str]]] = []
    for look, labels in affixed:
        if 2 * len(labels) >= total and _are_numbered(look, labels):
            found.append((_slot(look.kind, look, labels), labels))
        else:
            words = words + labels
            some.append((look, labels))
    by_ending: dict[str, list[str]] = defaultdict(list)
    for label in words:
        by_ending[_ending(label)].append(label)
    closed: set[str] = set()
    for ending, labels in by_ending.items():
        open_ones = _open(tree, labels)
        if open_ones:
            found.append((_slot("slug", Look("slug", "", ending), open_ones), open_ones))
        closed.update(set(labels) - set(open_ones))
    for look, labels in some:
        left = [label for label in labels if label in closed]
        if _are_numbered(look, left):
            found.append((_slot(look.kind, look, left), left))
    return found


def _ending(label: str) -> str:
    suffix = look_of(label).suffix
    dot = suffix.rfind(".")
    return suffix[dot:] if dot >= 0 else ""


def _slot(kind: str, look: Look, labels: Sequence[str]) -> Slot:
    values = tuple(label[len(look.prefix) : len(label) - len(look.suffix)] for label in labels[:50])
    return Slot(kind, look.prefix, look.suffix, values)


def _are_numbers(tree: Tree, labels: Sequence[str]) -> bool:
    """Whether plain numbers or dates are values: several; or long and rare."""
    if len(labels) >= _FEW_NUMBERS:
        return True
    weight = sum(tree.children[label].weight for label in labels)
    return min(map(len, labels)) >= 3 and weight < _RARE * len(labels)


def _are_numbered(look: Look, labels: Sequence[str]) -> bool:
    is_version = look.prefix.lower() in ("v", "version", "api") and not look.suffix
    return len(labels) >= (_VERSIONS if is_version else _FEW_NUMBERS)


def _open(tree: Tree, labels: list[str]) -> list[str]:
    """Those of `labels` that are values of one parameter; none where they are constants."""
    slugs = [label for label in labels if seems_slug(label)]
    mostly_slugs = len(slugs) >= 0.6 * len(labels)
    if len(labels) < (_SLUGS if mostly_slugs else _WORDS):
        return []
    if len(labels) < _MANY and _likeness([tree.children[label] for label in labels]) < _ALIKE:
        return []
    if not mostly_slugs:
        return labels
    # A plain word that stands out among slugs is a name of the site's own: /items/search.
    loudest = max(tree.children[label].weight for label in slugs)
    is_slug = set(slugs)
    return [
        label for label in labels if label in is_slug or tree.children[label].weight <= 2 * loudest
    ]


def _likeness(trees: Sequence[Tree]) -> float:
    """How much of what follows is common: the share of grandchildren whose label follows at least
    three in ten of the siblings that have any. 1 where nothing follows."""
    parents = [tree for tree in trees if tree.children]
    if len(parents) < 2:
        return 1.0
    forms = Counter(form for tree in parents for form in {_form(label) for label in tree.children})
    common = sum(count for count in forms.values() if count >= max(2, 0.3 * len(parents)))
    return common / forms.total()


def _form(label: str) -> str:
    look = look_of(label)
    return label if look.kind == "word" else f"\0{look.kind}"
