"""Dossiers of a list into a folder, with an index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from riskscore.pipeline.listing import List, dossiers, label_of
from riskscore.report.atomic import write_text
from riskscore.report.beeswarm import beeswarm_svg
from riskscore.report.index_html import IndexEntry, write_index
from riskscore.report.names import safe_name
from riskscore.report.write import write_dossier


def write_dossiers(
    listed: List,
    entities: Sequence[str],
    folder: Path,
    type: str,
    language: str = "en",
    *,
    audience: str = "supervisor",
) -> list[Path]:
    """Write a dossier for each entity, and an index page last.

    Parameters
    ----------
    type : {"html", "pdf", "json"}
    audience : {"supervisor", "prosecutor", "field", "employer"}
        Whose copies they are. The index is the office's own, whatever the copies.

    Returns
    -------
    list of Path
        The dossiers in the order asked for, then the index.
    """
    written, entries = [], []
    for dossier in dossiers(listed, entities, language, audience=audience):
        path = folder / f"{safe_name(dossier.entity)}.{type}"
        written.append(write_dossier(dossier, path))
        entries.append(
            IndexEntry(dossier.rank, dossier.entity, dossier.title, dossier.band, path.name, urgent=dossier.urgent)
        )
    index = write_index(
        entries,
        folder / "index.html",
        recipe=listed.model.recipe.called(language),
        run=listed.run,
        as_of=listed.as_of,
        language=language,
    )
    written.append(index)
    return written


def write_picture(listed: List, path: Path) -> Path:
    """Write one picture of what moves places up and down the list (SVG)."""
    columns = listed.model.columns
    svg = beeswarm_svg(
        listed.values[:, :-1],
        listed.model.features(listed.matrix),
        [label_of(listed, name) for name in columns],
        f"What moves the list of {listed.as_of}",
    )
    return write_text(path, svg)
