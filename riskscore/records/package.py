"""The zip file that a workbook is, looked through before anything of it is held in memory."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from riskscore.errors import RecordsError
from riskscore.limits import PARTS, STRINGS, WORKBOOK, within

_PIECE = 1 << 16
_HEADER = struct.Struct("<26xHH")  # of a part: how long its name and its further fields are


class Bomb(Exception):
    """A part that no program for tables writes."""


def check_package(path: Path) -> None:
    """Unpack every part piece by piece, keep nothing, and refuse what is too large or would grow when parsed.

    What the file says of its sizes is not believed: a part that unpacks to more than it says is refused. So is a part
    with a document type, which the format forbids and which alone can define entities.

    Raises
    ------
    RecordsError
        With the limit that was passed.
    zipfile.BadZipFile
        It is no zip file.
    """
    with zipfile.ZipFile(path) as packed, path.open("rb") as file:
        parts = packed.infolist()
        within(len(parts), PARTS, "parts", where=path.name, error=RecordsError)
        whole = 0
        for part in parts:
            whole += part.file_size
            within(whole, WORKBOOK, "bytes when unpacked", where=path.name, error=RecordsError)
            if "sharedstrings" in part.filename.lower():
                within(part.file_size, STRINGS, "bytes of texts when unpacked", where=path.name, error=RecordsError)
            try:
                _read_through(part, file)
            except Bomb as why:
                raise RecordsError(f"the part '{part.filename[:60]}' {why}.", where=path.name,
                                   next="Save it anew from the program that made it.") from None  # fmt: skip


def _read_through(part: zipfile.ZipInfo, file: BinaryIO) -> None:
    parser = expat.ParserCreate()
    looking = True  # until the outermost element begins; a document type would stand before it

    def begun(*_: object) -> None:
        nonlocal looking
        looking = False

    def refuse(*_: object) -> None:
        raise Bomb("holds a document type, with which entities can be blown up")

    parser.StartElementHandler, parser.StartDoctypeDeclHandler = begun, refuse
    size = 0
    for piece in _pieces(part, file):
        size += len(piece)
        if size > part.file_size:
            raise Bomb("unpacks to more than it says")
        if looking:
            try:
                parser.Parse(piece)
            except expat.ExpatError:
                looking = False  # a picture; what should be XML and is not, the reader refuses


def _pieces(part: zipfile.ZipInfo, file: BinaryIO) -> Iterator[bytes]:
    file.seek(part.header_offset)
    name, further = _HEADER.unpack(file.read(_HEADER.size))
    file.seek(name + further, 1)
    left = part.compress_size
    if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Bomb("is encrypted, or packed in a way that no program for tables uses")
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    while left > 0 and (piece := file.read(min(_PIECE, left))):
        left -= len(piece)
        if part.compress_type == zipfile.ZIP_STORED:
            yield piece
            continue
        while piece and not unpack.eof:
            yield unpack.decompress(piece, _PIECE)
            piece = unpack.unconsumed_tail
