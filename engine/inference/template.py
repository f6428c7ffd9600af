"""Jinja source out of a model file, rendered within bounds.

It runs in a sandbox that can neither reach Python nor change what it is given, and that ends it
when it takes too many steps, too long, or makes too much text.
"""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import TYPE_CHECKING

from jinja2 import TemplateError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from _typeshed import TraceFunction

SOURCE_AT_MOST = 100_000
"""Characters of a template; the longest known have 20,000."""
_TEXT_AT_MOST = 100_000
_STEPS_AT_MOST = 100_000
_RENDERING_S = 5.0
_PADDING = ("center", "ljust", "rjust", "zfill", "expandtabs", "translate")
_GROWING = ("center", "format", "indent", "wordwrap", "urlize")


class TemplateUnusable(Exception):
    """A template that fails, or goes beyond its bounds."""


def render(source: str, values: Mapping[str, object]) -> str:
    """The text of a template.

    Raises:
        TemplateUnusable
    """
    if len(source) > SOURCE_AT_MOST:
        raise TemplateUnusable("it is too long")
    try:
        template = _Sandbox().from_string(source)
        return _bounded(lambda: _joined(template.generate(**values)))
    except (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError,
            AssertionError, RecursionError, MemoryError, SyntaxError) as error:  # fmt: skip
        raise TemplateUnusable(type(error).__name__) from error


def _joined(parts: Iterable[object]) -> str:
    """Texts as one, if it is not too long."""
    found: list[str] = []
    room = _TEXT_AT_MOST
    for part in parts:
        text = str(part)
        room -= len(text)
        if room < 0:
            raise TemplateUnusable("it makes too much text")
        found.append(text)
    return "".join(found)


def _bounded(work: Callable[[], str]) -> str:
    """Call it, and break it off after so many lines of Python, or so long."""
    left = _STEPS_AT_MOST
    until = time.monotonic() + _RENDERING_S

    def look(_frame: FrameType, _event: str, _: object) -> "TraceFunction":
        nonlocal left
        left -= 1
        if left < 0 or time.monotonic() > until:
            raise TemplateUnusable("it does not end")
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        return work()
    finally:
        sys.settrace(before)


class _Generator(CodeGenerator):
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        self.write("environment.concat((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class _Sandbox(ImmutableSandboxedEnvironment):
    """Operators, methods and filters that make much of little are bounded or absent."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})
    code_generator_class = _Generator

    def __init__(self) -> None:
        # Unoptimized: else constant parts were computed beforehand, unbounded.
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,
            extensions=["jinja2.ext.loopcontrols"],
        )
        for name in _GROWING:
            del self.filters[name]
        self.concat = _joined
        self.filters["replace"] = _replaced

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        if isinstance(obj, str) and attr in _PADDING:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: object) -> Callable[..., str] | None:
        if super().wrap_str_format(value) is not None:
            raise TemplateUnusable("it pads text")
        return None

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return _joined((left, right))
        if operator == "**" or (operator in "*%" and not numbers):
            raise TemplateUnusable("it computes what no chat needs")
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: object, /, *args: object, **kwargs: object) -> object:
        owner = getattr(obj, "__self__", None)
        if isinstance(owner, str) and getattr(obj, "__name__", "") == "replace":
            return _replaced(owner, *args)
        return super().call(context, obj, *args, **kwargs)


def _replaced(text: object, old: object = "", new: object = "", *count: object) -> str:
    whole, parts = str(text), str(new)
    if len(whole) * len(parts) > 10 * _TEXT_AT_MOST:
        raise TemplateUnusable("it makes too much text")
    times = count[0] if count and isinstance(count[0], int) else -1
    return whole.replace(str(old), parts, times)
