"""What the parts of the settings have in common: octets as text, and errors that quote nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretBytes, ValidationError

from host_client.errors import BadSettings


def octets(value: Any) -> Any:
    """Read `hex:...` as octets, other text as UTF-8 (`text:` shields a `hex:` that is meant)."""
    if not isinstance(value, str):
        return value
    if value.startswith("hex:"):
        try:
            return bytes.fromhex(value[4:])
        except ValueError:
            raise ValueError("not hexadecimal after hex:") from None
    return value.removeprefix("text:").encode()


Octets = Annotated[bytes, BeforeValidator(octets)]
SecretOctets = Annotated[SecretBytes, BeforeValidator(octets)]


class Part(BaseModel):
    """A table of settings: frozen, no unknown names, no input in errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True
    )


Model = TypeVar("Model", bound=Part)


def checked(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Validate. Raises BadSettings naming the place of each fault, never the value."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        # `from None`: pydantic's own error keeps the input, which may hold a password.
        sentences = [_sentence(fault) for fault in error.errors(include_input=False)]
        raise BadSettings("; ".join(sentences)) from None


def matching(value: str | None, pattern: re.Pattern[str], message: str) -> str | None:
    """The value, if it is None or the whole of it matches. Raises ValueError."""
    if value is not None and not pattern.fullmatch(value):
        raise ValueError(message)
    return value


def _sentence(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"]) or "settings"
    return f"{place}: {error['msg'].removeprefix('Value error, ')}"
