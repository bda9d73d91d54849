"""Pages: one self-contained HTML file each, readable on a phone and on paper.

All values are escaped; a page has no script and fetches nothing.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from resolver.report import require

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> str:
    """The page that a template of this package makes of these values.

    Templates extend `base.html`. A `charts.Chart` among the values is put in as a picture; everything
    else is text. Raises MissingExtra where jinja2 is not installed.
    """
    return _environment().get_template(template).render(**values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    require()
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - an extra

    folder = files("resolver.report") / "templates"
    environment = Environment(
        loader=FunctionLoader(lambda name: (folder / name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["bits"] = lambda millibits: f"{millibits / 1000:+.1f}"
    environment.filters["share"] = lambda share: f"{share:.3f}"
    environment.filters["percent"] = lambda share: f"{share:.1%}"
    environment.filters["whole"] = lambda number: f"{number:,}"
    return environment
