"""Reading UBJSON, the form in which XGBoost stores a model: floats come out as the very bits that it compares with."""

from __future__ import annotations

from typing import Any

import numpy as np

from riskscore.errors import ExplanationError

# UBJSON numbers are big-endian; the marker names the width.
_NUMBERS = {b"i": ">i1", b"U": ">u1", b"I": ">i2", b"l": ">i4", b"L": ">i8", b"d": ">f4", b"D": ">f8"}
_CONSTANTS = {b"T": True, b"F": False, b"Z": None}


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        piece = self.data[self.at : self.at + count]
        if len(piece) != count:
            raise ExplanationError(
                "the model's bytes end early.", where=f"byte {self.at}", next="Save the model again."
            )
        self.at += count
        return piece

    def marker(self) -> bytes:
        while (found := self.take(1)) == b"N":  # a no-op may stand anywhere
            pass
        return found

    def ends(self, closing: bytes) -> bool:
        """Step over the closing bracket, if that is what comes next."""
        while self.data[self.at : self.at + 1] == b"N":
            self.at += 1
        found = self.data[self.at : self.at + 1] == closing
        self.at += found
        return found

    def number(self, marker: bytes) -> int | float:
        form = _NUMBERS[marker]
        return np.frombuffer(self.take(int(form[2])), form)[0].item()  # type: ignore[no-any-return]

    def text(self) -> str:
        length = self.number(self.marker())
        return self.take(int(length)).decode()

    def header(self) -> tuple[bytes, int]:
        """Read the optional element type and count of a container; -1 where it is closed by a bracket."""
        kind, count = b"", -1
        if self.data[self.at : self.at + 1] == b"$":
            self.at += 1
            kind = self.take(1)
        if self.data[self.at : self.at + 1] == b"#":
            self.at += 1
            count = int(self.number(self.marker()))
        return kind, count

    def value(self, marker: bytes = b"") -> Any:
        marker = marker or self.marker()
        if marker in _CONSTANTS:
            return _CONSTANTS[marker]
        if marker in _NUMBERS:
            return self.number(marker)
        if marker == b"S":
            return self.text()
        if marker == b"C":
            return self.take(1).decode()
        if marker == b"[":
            return self.array()
        if marker == b"{":
            return self.object()
        raise ExplanationError(
            f"the model's bytes hold the unknown marker {marker!r}.",
            where=f"byte {self.at - 1}",
            next="Give the bytes that save_raw() of an XGBoost model returned.",
        )

    def array(self) -> Any:
        kind, count = self.header()
        if kind in _NUMBERS:
            form = np.dtype(_NUMBERS[kind])
            return np.frombuffer(self.take(count * form.itemsize), form).astype(form.newbyteorder("="))
        if count >= 0:
            return [self.value(kind) for _ in range(count)]
        found = []
        while not self.ends(b"]"):
            found.append(self.value())
        return found

    def object(self) -> dict[str, Any]:
        kind, count = self.header()
        found: dict[str, Any] = {}
        while len(found) < count if count >= 0 else not self.ends(b"}"):
            key = self.text()
            found[key] = self.value(kind)
        return found


def read_ubjson(data: bytes) -> Any:
    """Return the value that UBJSON bytes hold; typed arrays come as numpy arrays.

    Parameters
    ----------
    data : bytes
        One UBJSON value.

    Raises
    ------
    ExplanationError
        The bytes end early, or are not UBJSON.

    Examples
    --------
    >>> read_ubjson(b"{i" + bytes([1]) + b"a[$U#i" + bytes([2, 7, 9]) + b"}")
    {'a': array([7, 9], dtype=uint8)}
    """
    try:
        return _Reader(data).value()
    except (KeyError, UnicodeDecodeError) as err:
        raise ExplanationError(
            "the bytes are not a model in UBJSON.", next="Give the bytes that save_raw() of an XGBoost model returned."
        ) from err
