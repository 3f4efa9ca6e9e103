"""Adding table entries to sums, told to numba's compiler as arrays that do not overlap.

Without that promise the compiler must expect each sum that it writes to change the table, and reads one entry after
the other; with it, it reads sixteen at a time. numba has no word for it, so this one loop is written for LLVM.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray


def add_entries(sums: NDArray[np.int32], entries: NDArray[np.int32], code: NDArray[np.uint16]) -> None:
    """Add ``entries[code]`` to ``sums``, which must not overlap the others."""
    sums += entries[code]


def teach_numba() -> None:
    """Let functions that numba compiles call `add_entries`."""
    numba, extending, ir = (import_module(m) for m in ("numba", "numba.extending", "llvmlite.ir"))
    struct = import_module("numba.core.cgutils")

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sums, entries, code = (
            struct.create_struct_proxy(kind)(context, builder, arg)
            for kind, arg in zip(signature.args, args, strict=True)
        )
        pointers = [ir.IntType(32).as_pointer(), ir.IntType(32).as_pointer(), ir.IntType(16).as_pointer()]
        kind = ir.FunctionType(ir.VoidType(), [*pointers, ir.IntType(64)])
        function = struct.get_or_insert_function(builder.module, kind, "riskscore_add_entries")
        if function.is_declaration:
            _write_loop(ir, struct, function)
        builder.call(function, [sums.data, entries.data, code.data, builder.extract_value(sums.shape, 0)])
        return context.get_dummy_value()

    def typed(typing: Any, sums: Any, entries: Any, code: Any) -> Any:
        return numba.types.void(sums, entries, code), generate

    add_apart = extending.intrinsic(typed)

    @extending.overload(add_entries)  # type: ignore[untyped-decorator]
    def _choose(sums: Any, entries: Any, code: Any) -> Any:
        def call(sums: Any, entries: Any, code: Any) -> None:
            add_apart(sums, entries, code)

        return call


def _write_loop(ir: Any, struct: Any, function: Any) -> None:
    function.linkage = "internal"
    function.attributes.add("noinline")  # the promise belongs to the arguments and would be lost
    for pointer in function.args[:3]:
        pointer.add_attribute("noalias")
    sums, entries, code, rows = function.args
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    with struct.for_range(builder, rows) as loop:
        entry = builder.zext(builder.load(builder.gep(code, [loop.index])), ir.IntType(64))
        place = builder.gep(sums, [loop.index])
        builder.store(builder.add(builder.load(place), builder.load(builder.gep(entries, [entry]))), place)
    builder.ret_void()
