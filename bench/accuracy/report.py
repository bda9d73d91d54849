"""The report, in Markdown. Pure: outcomes in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bench.accuracy import calibration
from bench.accuracy.determinism import Repeated
from bench.accuracy.marks import held
from bench.accuracy.outcome import Band, Outcome, Point, at, best, recall_at

PRECISIONS = (0.97, 0.98, 0.99)
PRESETS: Mapping[str, float] = {"strict": 0.999, "default": 0.99, "balanced": 0.95}
MIB = 1 << 20
WITHIN: Mapping[str, float] = {"ours": 0.1, "trained": 0.05}
"""How far stated and true may differ in any decile of enough pairs."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, its first two columns of text, the others of figures."""
    rule = ["---", "---", *["---:"] * (len(header) - 2)]
    lines = [f"| {' | '.join(cells)} |" for cells in (header, rule, *rows)]
    return "\n".join(lines) + "\n"


def report(
    outcomes: Sequence[Outcome],
    titles: Mapping[str, str],
    like: Mapping[str, str],
    repeated: Sequence[Repeated] = (),
    clusterings: str = "",
) -> str:
    """All that was measured. `titles` are the contenders', `like` the sets that have others' rows."""
    parts = [
        "# Accuracy\n\n" + _HOW,
        "## Marks\n\n" + _marks(outcomes),
        "## Thresholds fixed in advance\n\n" + _fixed(outcomes, titles),
        "## At equal precision, and at the best threshold that the labels can choose\n\n"
        + _FAVOUR
        + _equal(outcomes, titles),
        "## Is a peer ahead?\n\n" + _AHEAD + ahead(outcomes, titles, like),
        "## Suggestions\n\n" + _SUGGESTIONS + _suggestions(outcomes, titles),
        "## Calibration\n\n" + _CALIBRATION + _calibration(outcomes, titles),
    ]
    if clusterings:
        parts.append("## Ways to cluster\n\n" + clusterings)
    if repeated:
        parts.append("## Determinism\n\n" + _repeated(repeated))
    parts.append("## What it took\n\n" + _cost(outcomes, titles))
    silent = list(_silent(outcomes, titles))
    if silent:
        parts.append("## What did not run, and what to know\n\n" + "".join(silent))
    return "\n".join(parts)


_HOW = """\
Every set is made blind: no truth column, meaningless ids, shuffled rows. Each contender runs in a process of
its own, from the file to clusters. All figures are over *all* true pairs, whether they were compared or not.
This project: the thresholds that ship, the population from the row count, told no more than the country of a
set that has one. The peers: set up as their documentation does best, rows of the omnichannel sets normalised
for them by hand. In sets named `_ids` national ids are taken, which this project does on request only; the
peers always had them.

- *strangers*: people who share a customer with a stranger, per 10,000 people.
- *exact*: F1 over clusters that are one person's records, all of them and no others.
"""
_FAVOUR = """\
Recall at pairwise precision .97, .98 and .99: the best of the thresholds tried, chosen with the labels. The
peers' scored pairs are tried at up to 80 thresholds, ours at 15.

"""
_AHEAD = """\
Ours with the threshold fixed in advance against the best peer with the threshold that the labels choose for
it; for recall at a precision both are chosen with the labels.

"""
_SUGGESTIONS = """\
At the default threshold: pairs of customers that a steward is shown. *Covered*: the share of the missed true
pairs that accepting them all would bring. By probability: the share of true ones (and how many there are).

"""
_CALIBRATION = """\
Of pairs given probability p, how many are true, by decile, where there are 200 pairs: stated / true. *Told*
are the joins and suggestions that `--pairs` writes, *scored* all candidate pairs of nodes.

"""


def _rows(outcomes: Sequence[Outcome], titles: Mapping[str, str]) -> Iterator[tuple[str, str, Outcome]]:
    for each in outcomes:
        if not each.failed:
            yield each.set, titles[each.contender], each


def _marks(outcomes: Sequence[Outcome]) -> str:
    rows = [
        (
            each.set,
            each.mark.what,
            each.mark.wanted,
            f"{each.value:.4g}",
            "yes" if each.mark.reached(each.value) else "NO",
        )
        for each in held(outcomes)
    ]
    return table(("set", "figure", "mark", "measured", "reached"), rows)


def _fixed(outcomes: Sequence[Outcome], titles: Mapping[str, str]) -> str:
    header = (
        "set", "contender", "threshold", "P", "R", "F1", "B-cubed P", "R", "F1", "exact", "strangers",
    )  # fmt: skip
    rows: list[Sequence[str]] = []
    for name, title, each in _rows(outcomes, titles):
        chosen = PRESETS if is_ours(each) else {"": each.usual}
        for preset, threshold in chosen.items():
            found = point_at(each, threshold)
            if found:
                rows.append((name, title, preset or _number(threshold), *_figures(found)))
    return table(header, rows)


def _equal(outcomes: Sequence[Outcome], titles: Mapping[str, str]) -> str:
    header = ("set", "contender", "R at P .97", ".98", ".99", "best F1", "P", "R", "B-cubed F1", "threshold")
    rows = []
    for name, title, each in _rows(outcomes, titles):
        top = best(each.points)
        recalls = [_recall(recall_at(each.points, precision)) for precision in PRECISIONS]
        rows.append(
            (
                name,
                title,
                *recalls,
                f"{top.pairs.f1:.4f}",
                f"{top.pairs.precision:.4f}",
                f"{top.pairs.recall:.4f}",
                f"{top.b_cubed.f1:.4f}",
                _number(top.threshold),
            )
        )
    return table(header, rows)


def ahead(outcomes: Sequence[Outcome], titles: Mapping[str, str], like: Mapping[str, str]) -> str:
    """Ours beside the best peer, measure by measure."""
    header = ("set", "measure", "ours", "contender", "best peer", "peer", "ahead")
    rows: list[Sequence[str]] = []
    for name in dict.fromkeys(each.set for each in outcomes):
        ours = [each for each in outcomes if each.set == name and is_ours(each) and not each.failed]
        base = like.get(name, name)
        peers = [each for each in outcomes if each.set == base and not is_ours(each) and not each.failed]
        for each in ours if peers else ():
            rows.extend(_duels(name, each, peers, titles))
    return table(header, rows)


def _duels(
    name: str, ours: Outcome, peers: Sequence[Outcome], titles: Mapping[str, str]
) -> Iterator[Sequence[str]]:
    fixed = point_at(ours, PRESETS["balanced"])
    if fixed:
        top = [(best(each.points).pairs.f1, each) for each in peers]
        yield _duel(name, "F1, `balanced` against the best", (fixed.pairs.f1, ours), top, titles)
    for precision in PRECISIONS:
        yield _duel(
            name,
            f"recall at precision {precision}",
            (_recalled(ours, precision), ours),
            [(_recalled(each, precision), each) for each in peers],
            titles,
        )


def _duel(
    name: str,
    what: str,
    ours: tuple[float, Outcome],
    peers: Sequence[tuple[float, Outcome]],
    titles: Mapping[str, str],
) -> Sequence[str]:
    (mine, my), (theirs, their) = ours, max(peers, key=lambda pair: pair[0])
    verdict = "level" if round(mine, 4) == round(theirs, 4) else "ours" if mine > theirs else "PEER"
    return name, what, f"{mine:.4f}", titles[my.contender], f"{theirs:.4f}", titles[their.contender], verdict


def _suggestions(outcomes: Sequence[Outcome], titles: Mapping[str, str]) -> str:
    header = (
        "set",
        "contender",
        "suggestions",
        "per 1,000 customers",
        "covered",
        "precision",
        "by probability",
    )
    rows = []
    for name, title, each in _rows(outcomes, titles):
        if each.suggested:
            s = each.suggested
            by = "; ".join(
                f"{band.low:g} to {band.high:g}: {band.true:.2f} ({band.pairs})" for band in s.bands
            )
            rows.append(
                (
                    name,
                    title,
                    str(s.offered),
                    f"{s.per_1000:.0f}",
                    f"{s.covered:.3f}",
                    f"{s.precision:.3f}",
                    by,
                )
            )
    return table(header, rows)


def _calibration(outcomes: Sequence[Outcome], titles: Mapping[str, str]) -> str:
    header = ("set", "contender", "pairs", *(f".{n}" for n in range(10)), "most apart", "goal")
    rows: list[Sequence[str]] = []
    for name, title, each in _rows(outcomes, titles):
        if each.calibration:
            within = WITHIN.get(each.contender, 0.1)
            for what, bands in (("told", each.calibration.told), ("scored", each.calibration.scored)):
                most = calibration.worst(bands)
                goal = "" if most is None else f"{within:g}: {'yes' if most <= within else 'NO'}"
                apart = "" if most is None else f"{most:.3f}"
                rows.append((name, title, what, *_deciles(bands), apart, goal))
    return table(header, rows)


def _deciles(bands: Sequence[Band]) -> Iterator[str]:
    by_low = {round(band.low * 10): band for band in bands if band.pairs >= calibration.LEAST}
    for n in range(10):
        yield f"{by_low[n].stated:.2f} / {by_low[n].true:.2f}" if n in by_low else ""


def _repeated(repeated: Sequence[Repeated]) -> str:
    return "".join(
        f"- {each.set}: {each.runs} runs, rows in another order and another hash seed each time: "
        + ("one partition, byte for byte.\n" if each.partitions == 1 else f"{each.partitions} PARTITIONS.\n")
        for each in repeated
    )


def _cost(outcomes: Sequence[Outcome], titles: Mapping[str, str]) -> str:
    header = ("set", "contender", "records", "people", "seconds", "of processors", "MiB", "version")
    rows = []
    for name, title, each in _rows(outcomes, titles):
        counted = (str(each.records), str(each.people))
        took = (f"{each.seconds:.1f}", f"{each.cpu:.1f}", f"{each.peak / MIB:.0f}")
        rows.append((name, title, *counted, *took, each.version))
    return table(header, rows)


def _silent(outcomes: Sequence[Outcome], titles: Mapping[str, str]) -> Iterator[str]:
    for each in outcomes:
        said = f"did not run: {each.failed}" if each.failed else each.notes
        if said:
            yield f"- {each.set}, {titles[each.contender]}: {said}\n"


def is_ours(each: Outcome) -> bool:
    """Whether an outcome is this project's."""
    return each.contender in WITHIN


def point_at(each: Outcome, threshold: float) -> Point | None:
    """The point at a threshold fixed in advance, where it was tried."""
    try:
        return at(each.points, threshold)
    except KeyError:
        return None


def _recalled(each: Outcome, precision: float) -> float:
    found = recall_at(each.points, precision)
    return found.pairs.recall if found else 0.0


def _figures(found: Point) -> Iterator[str]:
    yield from (f"{each:.4f}" for each in (*found.pairs, *found.b_cubed))
    yield f"{found.exact.f1:.4f}"
    yield f"{found.strangers:.0f}"


def _recall(found: Point | None) -> str:
    return f"{found.pairs.recall:.4f}" if found else "none"


def _number(threshold: float) -> str:
    return f"{threshold:.4g}"
