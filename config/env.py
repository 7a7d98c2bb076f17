"""Reads the environment once, and refuses odd values with a sentence."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


class OddEnvironment(SystemExit):
    """The product cannot start; the text says which variable is wrong and what it should be."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"Tanzhang cannot start: {sentence}")


@dataclass(frozen=True)
class DatabaseAddress:
    """One PostgreSQL login, taken apart for Django."""

    user: str
    password: str
    host: str
    port: str
    name: str
    options: dict[str, str]

    @classmethod
    def parse(cls, variable: str, url: str) -> "DatabaseAddress":
        """:raises OddEnvironment: not a PostgreSQL address"""
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        name = unquote(parts.path.lstrip("/"))
        if parts.scheme not in {"postgres", "postgresql"} or not name or not parts.username:
            raise OddEnvironment(
                f"{variable} must look like postgresql://user:password@host:5432/name"
            )
        return cls(
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            host=options.pop("host", parts.hostname or ""),
            port=str(parts.port or ""),
            name=name,
            options=options,
        )

    def for_django(self) -> dict[str, object]:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.name,
            "USER": self.user,
            "PASSWORD": self.password,
            "HOST": self.host,
            "PORT": self.port,
            "OPTIONS": dict(self.options),
        }


def load_file(file: Path) -> None:
    """Take the lines NAME=value of a file; what is set already wins.

    :raises OddEnvironment: a line that is neither empty, a comment nor NAME=value
    """
    if not file.is_file():
        return
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        name, found, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not found or not name.strip().isidentifier():
            raise OddEnvironment(f"{file.name} line {number} must look like NAME=value")
        os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def text(variable: str, default: str | None = None) -> str:
    """:raises OddEnvironment: the variable is missing and has no default"""
    value = os.environ.get(variable) or default
    if value is None:
        raise OddEnvironment(f"{variable} is not set (see .env.sample)")
    return value


def flag(variable: str, *, default: bool) -> bool:
    """:raises OddEnvironment: neither a yes nor a no"""
    value = os.environ.get(variable, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise OddEnvironment(f"{variable} must be true or false, not {value!r}")


def whole_number(variable: str, *, default: int) -> int:
    """:raises OddEnvironment: not a whole number"""
    value = os.environ.get(variable, "").strip()
    if not value:
        return default
    if not value.isdigit():
        raise OddEnvironment(f"{variable} must be a whole number, not {value!r}")
    return int(value)


def words(variable: str, *, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in os.environ.get(variable, default).split(",") if word.strip()]


def folder(variable: str, *, default: Path) -> Path:
    value = os.environ.get(variable, "").strip()
    return Path(value).expanduser().resolve() if value else default


def counter_of(broker_url: str) -> str:
    """Where requests are counted beside the queue: the broker's Valkey, in a database of its own.

    Empty where the broker is of another kind.
    """
    parts = urlsplit(broker_url)
    if parts.scheme == "redis+socket":
        return f"unix://{parts.path}?db=1"
    if parts.scheme in {"redis", "rediss"}:
        return parts._replace(path="/1").geturl()
    return ""
