"""How pages are made from templates: every text escaped, cut and kept from acting, whoever writes the template."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from riskscore.report.cells import cut, visible

if TYPE_CHECKING:
    from jinja2 import Environment

NAME_LIMIT = 120  # characters of a name in a heading


def render(template: str, **values: Any) -> str:
    """Return a page or a drawing; a value that a template wants and does not get is an error.

    Parameters
    ----------
    template : str
        A file of ``templates/``.
    **values
        What the template names.
    """
    return _environment().get_template(template).render(**values).strip() + "\n"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("riskscore.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["name"] = _name
    return environment


def _shown(value: Any) -> Any:
    # A plain text may come from the records. Markup does not: templates alone make it.
    return visible(cut(value)) if type(value) is str else value


def _name(text: str) -> str:
    return cut(text, NAME_LIMIT)
