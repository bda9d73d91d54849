"""Devices and cookies: opaque; they never join two persons."""

from __future__ import annotations

from resolver.normalise import external
from resolver.normalise.features import Flag
from resolver.normalise.form import Form, flagged

# What phones answer when tracking is switched off (Apple's and Google's advertising ids).
_WITHHELD = "00000000-0000-0000-0000-000000000000"


def normalise(raw: str, namespace: str = "") -> Form | None:
    """Return a device's id in normal form, None where the text is empty; see `external.normalise`."""
    form = external.normalise(raw, namespace)
    if form is not None and form.value == _WITHHELD:
        return form._replace(flags=flagged((*form.flags, Flag.RUBBISH)))
    return form
