"""Where the embedded default keeps its things, and the addresses that follow.

Everything lives below one data folder; only the sockets stand apart, because a socket's path may
have no more than 107 bytes and a checkout's path may be longer. Standard library only.
"""

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

DATABASE = "tanzhang"
OWNER, APPLICATION = "tanzhang_owner", "tanzhang_app"
SUPERUSER, ENGINE_OWNER = "tanzhang", "ledger_owner"


class ForeignFolder(SystemExit):
    """Somebody else owns the folder that our sockets would stand in."""


@dataclass(frozen=True)
class Places:
    """The data folder of one instance."""

    data: Path

    @property
    def postgres(self) -> Path:
        return self.data / "pg" / "data"

    @property
    def postgres_password(self) -> Path:
        return self.data / "pg" / "data.password"

    @property
    def valkey(self) -> Path:
        return self.data / "valkey"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def run(self) -> Path:
        return self.data / "run"

    @property
    def secret_key_file(self) -> Path:
        return self.data / "secret_key"

    @property
    def demo_logins(self) -> Path:
        return self.data / "demo_logins.txt"

    @property
    def sockets(self) -> Path:
        """Named after the data folder, so that two checkouts never meet."""
        mark = hashlib.sha256(str(self.data.resolve()).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"tanzhang-{os.getuid()}-{mark}"

    def make(self) -> None:
        """Make the folders.

        :raises ForeignFolder: another user has taken the socket folder's name
        """
        for folder in (self.data, self.data / "pg", self.valkey, self.logs, self.run, self.sockets):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = self.sockets.lstat()
        if self.sockets.is_symlink() or owner.st_uid != os.getuid():
            raise ForeignFolder(
                f"{self.sockets} belongs to somebody else; remove it and start again"
            )
        self.sockets.chmod(0o700)

    def secret_key(self) -> str | None:
        """The key of this instance, or None before the first start."""
        file = self.secret_key_file
        return file.read_text().strip() if file.is_file() else None

    def make_secret_key(self) -> str:
        """A key of the instance's own, made once and readable by its owner alone."""
        if known := self.secret_key():
            return known
        self.secret_key_file.touch(mode=0o600)
        self.secret_key_file.write_text(secrets.token_urlsafe(64) + "\n")
        return self.secret_key() or ""

    def database_url(self, user: str = APPLICATION, database: str = DATABASE) -> str | None:
        """The embedded server's address, or None where there is none yet."""
        if not self.postgres_password.is_file():
            return None
        password = quote(self.postgres_password.read_text().strip(), safe="")
        return f"postgresql://{user}:{password}@/{database}?host={self.sockets}"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    def broker_url(self) -> str | None:
        """The embedded queue's address, or None where there is none yet."""
        return f"redis+socket://{self.valkey_socket}" if self.valkey.is_dir() else None
