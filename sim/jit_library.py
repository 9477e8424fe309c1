"""How compilation is kept short: rules stay LLVM code, and only entries become machine code.

numba optimises every compiled function together with all that it calls, so that a rule ten calls below the loop over
days would be optimised ten times over and turned into machine code that nobody runs. Here a rule ends as plain LLVM
code; an entry links all that it calls, optimises the whole once and alone goes to the cache on disk. On top, two things
that numba asks again and again are remembered: the text of a record type (ours nests a thousand fields) and the
signature of a builtin for plain numbers and records; the variables of a statement are listed without looking into what
holds none; and numba does not time its calls of LLVM. What it saves: docs/decisions.md 46.

All this reaches into numba's insides. Where they are not as expected (another numba), importing this module fails, and
``sim/jit.py`` has everything compiled numba's own way, which only takes longer.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from llvmlite import binding
from numba.core import codegen, compiler, ir, types
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import PassManager
from numba.core.registry import cpu_target
from numba.core.typed_passes import (
    AnnotateTypes,
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.types import functions, npytypes
from numba.core.untyped_passes import FixupArgs, IRProcessing, ReconstructSSA, TranslateByteCode

_PLAIN = (types.Number, types.Boolean, types.IntegerLiteral, types.Record, types.NestedArray, types.Array)
_NO_VARIABLES = frozenset((str, int, float, bool, type(None), type(len), type(lambda: None), ir.Loc))
_Library: Any = codegen.JITCodeLibrary
_llvm_lock: Any = getattr(binding.ffi.lib, "_lock", None)
if not (
    all(hasattr(_Library, f"_{name}") for name in ("optimize_final_module", "finalize_final_module"))
    and hasattr(_Library, "_finalize_dynamic_globals")
    and hasattr(codegen.JITCPUCodegen, "_library_class")
    and hasattr(functions.BaseFunction, "get_call_type")
    and hasattr(ir.Inst, "_rec_list_vars")
):
    raise ImportError("numba's insides are not as expected")


class RulePipeline(compiler.CompilerBase):  # type: ignore[misc]
    """The passes that a scalar rule needs: no closures, comprehensions, literals or array expressions to rewrite."""

    def define_pipelines(self) -> list[Any]:
        """Return the one pipeline."""
        passes = PassManager("rule")
        for step in (
            TranslateByteCode,
            FixupArgs,
            IRProcessing,
            ReconstructSSA,
            NopythonTypeInference,
            PreLowerStripPhis,
            IRLegalization,
            AnnotateTypes,
            NativeLowering,
            NoPythonBackend,
        ):
            passes.add_pass(step, step.__name__)
        passes.finalize()
        return [passes]


class _NoMachineCode:
    """A code generator for rules: there is no machine code whose environment could be set."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def set_env(self, env_name: str, env: Any) -> None:
        """Do nothing."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class RuleLibrary(_Library):  # type: ignore[misc]
    """A rule's code: LLVM code of its own and of what it calls, not yet optimised as a whole."""

    @property
    def codegen(self) -> Any:
        """The code generator."""
        return _NoMachineCode(self._codegen)

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True

    def serialize_using_object_code(self) -> Any:
        """Hand over LLVM code: there is no object code."""
        return self.serialize_using_bitcode()

    def get_pointer_to_function(self, name: str) -> int:
        """Return 0: nothing here can be called from Python."""
        return 0


class EntryLibrary(_Library):  # type: ignore[misc]
    """An entry's code: everything that it calls becomes internal to it, so that LLVM may inline and drop freely."""

    def add_ir_module(self, ir_module: Any) -> None:
        """Take in the entry's own code, whose names others may call."""
        super().add_ir_module(ir_module)
        self._own = {f.name for f in self._final_module.functions if not f.is_declaration}

    def _optimize_final_module(self) -> None:
        for function in self._final_module.functions:
            if not function.is_declaration and function.name not in self._own:
                function.linkage = "internal"
        super()._optimize_final_module()


def compiled_as(dispatcher: Any, library: type[Any]) -> Any:
    """Let a numba dispatcher compile into a kind of library.

    Meanwhile garbage is not looked for (there is little), and nobody is told of each call of LLVM: every function under
    way, some thirty deep, would have its timer told.
    """
    plain: Callable[[Any], Any] = dispatcher.compile

    def compile_(signature: Any) -> Any:
        with global_compiler_lock:
            generator = cpu_target.target_context.codegen()
            before, collecting = generator._library_class, gc.isenabled()
            told = getattr(_llvm_lock, "_cblist", None)
            generator._library_class = library
            gc.disable()
            if told is not None:
                _llvm_lock._cblist = []
            try:
                return plain(signature)
            finally:
                generator._library_class = before
                if told is not None:
                    _llvm_lock._cblist = told
                if collecting:
                    gc.enable()

    dispatcher.compile = compile_
    return dispatcher


def _remember_text(kind: Any) -> None:
    plain = kind.__repr__

    def text_of(self: Any) -> str:
        text: str | None = self.__dict__.get("_text")
        if text is None:
            text = self.__dict__["_text"] = plain(self)
        return text

    kind.__repr__ = text_of


def _remember_signatures() -> None:
    plain = functions.BaseFunction.get_call_type
    known: dict[Any, Any] = {}

    def get_call_type(self: Any, context: Any, args: Any, kws: Any) -> Any:
        if kws or not all(isinstance(a, _PLAIN) for a in args):
            return plain(self, context, args, kws)
        key = (id(self), id(context), *args)
        if key not in known:
            known[key] = plain(self, context, args, kws), self, context  # kept, so that no identity is given away twice
        return known[key][0]

    setattr(functions.BaseFunction, "get_call_type", get_call_type)  # noqa: B010 (mypy forbids the plain form)


def _list_variables_fast() -> None:
    plain = ir.Inst._rec_list_vars

    def listed(self: Any, value: Any) -> list[Any]:
        kind = type(value)
        if kind is ir.Var:
            return [value]
        if kind in _NO_VARIABLES:
            return []
        if kind is not dict and kind is not list and kind is not tuple:
            return list(plain(self, value))
        parts = value.values() if kind is dict else value
        return [v for part in parts if type(part) not in _NO_VARIABLES for v in listed(self, part)]

    ir.Inst._rec_list_vars = listed


_remember_text(npytypes.Record)
_remember_text(npytypes.NestedArray)
_remember_signatures()
_list_variables_fast()
