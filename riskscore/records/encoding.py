"""Which encoding a text file is written in."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO, Literal

Encoding = Literal["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp1254", "mixed"]
_BLOCK = 1 << 22
_ENOUGH = 5000  # lines outside ASCII that decide between encodings of one byte
_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_LATIN = re.compile(rb"[A-Za-z]")


def detect_encoding(file: BinaryIO) -> Encoding:
    """Return the encoding of a file; ``mixed`` is UTF-8 with some lines that are not.

    Bytes that are no UTF-8 are Turkish or Azerbaijani (cp1254) where they stand in words with Latin letters, and
    Cyrillic (cp1251) where whole words lie outside ASCII.

    Examples
    --------
    >>> import io
    >>> detect_encoding(io.BytesIO("Дата проверки".encode("cp1251")))
    'cp1251'
    >>> detect_encoding(io.BytesIO("Sahe nömresi;Bölge;Müfettiş".encode("cp1254")))
    'cp1254'
    >>> detect_encoding(io.BytesIO("Müfəttiş".encode("utf-8-sig")))
    'utf-8-sig'
    """
    begin = file.read(3)
    file.seek(0)
    if begin[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if _is_utf8(file):
        return "utf-8-sig" if begin == codecs.BOM_UTF8 else "utf-8"
    file.seek(0)
    lines: list[bytes] = []
    while line := file.readline(_BLOCK):  # a line without an end comes in pieces
        if not line.isascii():
            lines.append(line)
            if len(lines) == _ENOUGH:
                break
    valid = sum(_decodes(line) for line in lines)
    return "mixed" if 2 * valid >= len(lines) else eight_bit(b"\n".join(line for line in lines if not _decodes(line)))


def eight_bit(text: bytes) -> Literal["cp1251", "cp1254"]:
    """Return which of the two code pages a text outside UTF-8 is written in."""
    words = _WORD.findall(text)
    latin = sum(bool(_LATIN.search(word)) for word in words)
    return "cp1254" if 2 * latin > len(words) else "cp1251"


def decode_mixed(raw: bytes) -> tuple[str, int]:
    """Return the text of a file whose lines are not all UTF-8, and how many were not."""
    lines = raw.removeprefix(codecs.BOM_UTF8).split(b"\n")
    other = [line for line in lines if not _decodes(line)]
    page = eight_bit(b"\n".join(other))
    text = "\n".join(line.decode("utf-8" if _decodes(line) else page, errors="replace") for line in lines)
    return text, len(other)


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
