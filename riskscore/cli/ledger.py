"""``riskscore ledger``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from riskscore.cli import options
from riskscore.cli.decided import hash_of, now
from riskscore.cli.decided import ledger as ledger_place
from riskscore.cli.printing import put
from riskscore.cli.words import say

if TYPE_CHECKING:
    from riskscore.ledger.anchor import Anchor

F = TypeVar("F", bound=Callable[..., Any])


class Dossier(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases only
    """A dossier's file, or the SHA-256 of one."""

    name = "file|hash"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the hash; what is no file is taken for one."""
        return hash_of(Path(value)) if Path(value).is_file() else str(value)


def decided(f: F) -> F:
    """Add who, in which role, and why."""
    f = click.option("--why", required=True, help="The reason, in a sentence. Name nobody in it.")(f)
    f = click.option("--who", required=True, metavar="PSEUDONYM", help="Who decided: a pseudonym, never a name.")(f)
    return click.option("--role", required=True, help="data staff, inspector or supervisor.")(f)


@click.group()
def ledger() -> None:
    """Write down what people decided, and prove later that nobody altered it.

    Entries are added and never changed; each carries the hash of the one before. Who, why and which place lie sealed
    apart, so that they can be erased and the rest still proves itself.
    """


@ledger.command()
@click.argument("event")
@decided
@click.option("--entity", help="Id of the place or employer.")
@click.option("--run", help="Id of the run whose list or score was used.")
@click.option("--dossier", type=Dossier(), help="The dossier's file; its hash is written.")
@click.option("--about", type=int, help="Number of the earlier entry that this one speaks of.")
@ledger_place
@options.spoken
def add(
    event: str, role: str, who: str, why: str, entity: str | None, run: str | None, dossier: str | None,
    about: int | None, place: str,
) -> None:  # fmt: skip
    """Write one decision at the end of the ledger; the first one makes it.

    EVENT is ranked, planned, visited, rated, referred, confirmed, dismissed, objected, corrected or outcome. A
    referral counts when a second, different person has confirmed it: a supervisor, by `add confirmed --about N` with
    the same dossier.

      riskscore ledger add visited --role inspector --who p-17 --why "first on the list" --entity S0001
    """
    from riskscore.ledger.add import add as write
    from riskscore.ledger.database import open_ledger

    entry = write(open_ledger(place, make=True), event, role=role, who=who, why=why, at=now(), entity=entity, run=run,
                  dossier=dossier, about=about)  # fmt: skip
    click.echo(f"{entry.seq} {entry.hash}")
    if event == "referred":
        say(f"The referral counts when another person has confirmed it: ledger add confirmed --about {entry.seq}")


@ledger.command()
@click.option("--entity", help="Only entries about this place or employer.")
@options.format
@options.out
@ledger_place
@options.spoken
def show(entity: str | None, format_: str, out: Path | None, place: str) -> None:
    """Show the entries, and how each referral stands.

    riskscore ledger show --entity S0001
    """
    from riskscore.ledger.database import open_ledger
    from riskscore.ledger.frame import as_frame
    from riskscore.ledger.rows import entries

    frame = as_frame(entries(open_ledger(place)), brief=format_ == "table" and out is None)
    put(frame if entity is None else frame[frame["entity"] == entity], format_, out, title="Decisions")


@ledger.command()
@click.option("--anchor", "anchors", multiple=True, type=click.Path(path_type=Path),
              help="An anchor kept elsewhere, or a JSON dossier with one; may be given several times.")  # fmt: skip
@click.option("--signed-by", type=click.Path(path_type=Path, dir_okay=False),
              help="Public key: the signature beside each anchor must be its owner's.")  # fmt: skip
@ledger_place
@options.spoken
def verify(anchors: tuple[Path, ...], signed_by: Path | None, place: str) -> None:
    """Check that no entry was altered, removed or moved, and say what cannot be proved.

    Exits with 3 if anything is wrong. Without an anchor a chain that somebody made anew cannot be told from the true
    one.

      riskscore ledger verify --anchor anchor-2025-01.json
    """
    from riskscore.ledger.anchor import read_anchor
    from riskscore.ledger.database import open_ledger
    from riskscore.ledger.verify import verify as check

    if signed_by is not None and not anchors:
        raise click.UsageError("--signed-by checks the signature of an anchor: give --anchor too.")
    given = {path: read_anchor(path) for path in anchors}
    verdict = check(open_ledger(place), [*given.values()])
    findings = [*_unsigned(given, signed_by), *verdict.findings]
    for finding in findings:
        click.echo(f"  {finding}")
    for note in verdict.notes:
        say(note)
    if anchors and signed_by is None:
        say(
            "Nobody's signature on the anchor was checked (--signed-by): it proves as much as the place it was kept in."
        )
    shown = "1 entry" if verdict.entries == 1 else f"{verdict.entries:,} entries"
    click.echo(f"{shown}: {len(findings):,} found wrong." if findings else f"{shown}: all agree with each other.")
    if findings:
        raise click.exceptions.Exit(3)


@ledger.command()
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File to write; new.")
@click.option("--sign", type=click.Path(path_type=Path, dir_okay=False), metavar="KEYFILE",
              help="Private Ed25519 key: FILE.sig is written beside.")  # fmt: skip
@ledger_place
@options.spoken
def anchor(out: Path, sign: Path | None, place: str) -> None:
    """Write the head of the chain to a file, to be kept where the ledger's keepers cannot reach it.

    riskscore ledger anchor --out anchor-2025-01.json --sign office.pem
    """
    from riskscore.errors import LedgerError
    from riskscore.ledger.anchor import make_anchor
    from riskscore.ledger.database import open_ledger
    from riskscore.report.atomic import write_text
    from riskscore.report.signature import private_key
    from riskscore.report.signature import sign as write_signature

    if out.exists():
        raise LedgerError("is there already; an anchor is never written over.", where=str(out),
                          next="Name a new file, with the day in its name.")  # fmt: skip
    key = None if sign is None else private_key(sign)
    made = make_anchor(open_ledger(place), now())
    write_text(out, made.to_text())
    if key is not None:
        write_signature(out, key)
    say(f"written: {out} ({made.entries:,} entries, head {made.head})")


@ledger.command()
@click.argument("numbers", metavar="[ENTRY]...", type=int, nargs=-1)
@click.option("--entity", help="Also every entry about this place or employer.")
@click.option("--before", type=options.Day(), help="Also every entry written before this day.")
@click.option("--part", "parts", multiple=True, required=True, type=click.Choice(("who", "why", "entity")),
              help="What to erase; may be given several times.")  # fmt: skip
@decided
@ledger_place
@options.spoken
def erase(
    numbers: tuple[int, ...], entity: str | None, before: str | None, parts: tuple[str, ...], role: str, who: str,
    why: str, place: str,
) -> None:  # fmt: skip
    """Erase who, why or which place from entries; the chain still verifies, and the erasure is an entry itself.

    What was erased cannot be had back. Backups and anchors are yours to think of.

      riskscore ledger erase 12 --part why --role supervisor --who p-3 --why "retention over"
    """
    from riskscore.ledger.database import open_ledger
    from riskscore.ledger.erase import erase as remove
    from riskscore.ledger.erase import written_before
    from riskscore.ledger.rows import entries

    if not numbers and entity is None and before is None:
        raise click.UsageError("Say which entries: by number, by --entity or by --before.")
    opened = open_ledger(place)
    found = entries(opened)
    wanted = {*numbers, *(e.seq for e in found if entity is not None and e.entity == entity)}
    if before is not None:
        wanted |= set(written_before(found, before))
    written = remove(opened, wanted, parts, role=role, who=who, why=why, at=now())
    say(f"erased from {len(written):,} of {len(wanted):,} entries named; {len(written):,} erasures are written down.")


def _unsigned(anchors: Mapping[Path, Anchor], signed_by: Path | None) -> Iterator[str]:
    """Say which anchors are not signed by a key's owner; that in a dossier holds its signature itself."""
    from riskscore.report.signature import fits, is_signed, public_key

    if signed_by is None:
        return
    key = public_key(signed_by)
    for path, anchor in anchors.items():
        inside = anchor.signature.encode()
        if not (fits(inside, anchor.to_text().encode(), key) if inside else is_signed(path, key)):
            yield f"{path}: the signature is NOT that of the key's owner."
