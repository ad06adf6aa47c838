"""One smsauthd process with a database, spool file, secret and working directory of its own."""

import contextlib
import itertools
import json
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.parse

START_SECONDS = 20
STOP_SECONDS = 15
REPLY_SECONDS = 15


class ServerError(Exception):
    """The process did not start, died, or did not stop cleanly."""


class SqliteDatabase:
    def __init__(self, directory):
        self.path = os.path.join(directory, "golden.db")
        self.uri = "sqlite:" + self.path

    def execute(self, sql):
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(sql)
            connection.commit()

    def drop(self):
        pass


class MariadbDatabase:
    """A fresh database beside the one of `uri`, made by root over `admin_socket` or else by the account of the URI."""

    def __init__(self, uri, admin_socket, number):
        parts = urllib.parse.urlsplit(uri)
        base = parts.path.lstrip("/") or "smsauthd_test"
        self.name = f"{base}_golden_{os.getpid()}_{number}"
        self.uri = parts._replace(path="/" + self.name).geturl()
        self._environment = dict(os.environ)
        if admin_socket:
            self._client = ["mariadb", "--no-defaults", "--user=root", "--socket=" + admin_socket]
        else:
            self._client = ["mariadb", "--no-defaults", "--user=" + urllib.parse.unquote(parts.username or "")]
            self._environment["MYSQL_PWD"] = urllib.parse.unquote(parts.password or "")
            unix_socket = urllib.parse.parse_qs(parts.query).get("socket")
            self._client += ["--socket=" + unix_socket[0]] if unix_socket else [
                "--protocol=tcp", "--host=" + (parts.hostname or ""), f"--port={parts.port or 3306}"]
        self._run(f"CREATE DATABASE `{self.name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")

    def _run(self, sql, *arguments):
        subprocess.run(self._client + ["--default-character-set=utf8mb4", *arguments], input=sql.encode(),
                       env=self._environment, check=True, timeout=30)

    def execute(self, sql):
        self._run(sql, self.name)

    def drop(self):
        self._run(f"DROP DATABASE `{self.name}`")


class Server:
    _numbers = itertools.count(1)  # folders run side by side

    def __init__(self, binary, db, admin_socket, flags):
        self._binary = os.path.abspath(binary)
        self._directory = tempfile.mkdtemp(prefix="smsauthd-golden-")
        self._spool = os.path.join(self._directory, "spool.jsonl")
        self._log = []
        self._process = None
        self.database = (MariadbDatabase(db, admin_socket, next(Server._numbers)) if db.startswith("mysql:")
                         else SqliteDatabase(self._directory))
        secret_file = os.path.join(self._directory, "secret.key")
        with open(os.open(secret_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        self._flags = _merged({
            "--profile": "dev", "--listen": "127.0.0.1:0", "--admin-listen": "127.0.0.1:0", "--db": self.database.uri,
            "--sms": "spool:" + self._spool, "--secret-file": secret_file,
            # A folder's files share a server; each has numbers of its own, but some need more sends than a person.
            "--phone-sends-per-hour": "1000", "--phone-sends-per-day": "1000"}, flags)
        try:
            self.start()
        except ServerError:
            self.close()
            raise

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SMSAUTHD_")}
        self._process = subprocess.Popen([self._binary, "serve", *self._flags], cwd=self._directory, env=environment,
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self._addresses = {}
        self._reader = threading.Thread(target=self._read_log, args=(self._process.stderr, self._addresses), daemon=True)
        self._reader.start()
        self._wait_until_ready()
        self._address = self._addresses["api"]

    def _read_log(self, pipe, addresses):
        for raw in pipe:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            self._log.append(line)
            found = re.search(r"(admin )?listening on ([^\s\"]+):(\d+)", line)
            if found:
                addresses["admin" if found.group(1) else "api"] = (found.group(2), int(found.group(3)))

    def _wait_until_ready(self):
        """Both listeners are known, and /readyz is 200: the schema is there."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if {"api", "admin"} <= self._addresses.keys():
                with contextlib.suppress(OSError, ServerError):
                    if self.exchange(b"GET /readyz HTTP/1.1\r\nHost: golden.test\r\n\r\n", self._addresses["admin"])[0] == 200:
                        return
            time.sleep(0.01)
        self._process.kill()
        self._process.wait()
        self._process = None
        raise ServerError("the server is not ready:\n" + self.log_tail())

    def alive(self):
        return self._process is not None and self._process.poll() is None

    def stop(self):
        if self._process is None:
            return
        process, self._process = self._process, None
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise ServerError("the server did not stop in time:\n" + self.log_tail()) from None
        finally:
            self._reader.join(STOP_SECONDS)
            process.stderr.close()
        if code != 0:
            raise ServerError(f"the server ended with {code}:\n" + self.log_tail())

    def restart_after(self, sql):
        """Runs SQL while the server is down: SQLite's file belongs to one process."""
        self.stop()
        self.database.execute(sql)
        self.start()

    def close(self):
        """Stops it and removes all of it. Gives back what the log of its whole life should not hold."""
        try:
            self.stop()
            return self._leaks()
        finally:
            self.database.drop()
            shutil.rmtree(self._directory, ignore_errors=True)

    def log_tail(self):
        return "\n".join(self._log[-15:])

    def messages(self):
        """The spool's lines so far."""
        if not os.path.exists(self._spool):
            return []
        with open(self._spool, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def _leaks(self):
        """What the log must not hold (OTP-13, LOG-01): codes and full numbers, as words of their own."""
        words = set()
        for message in self.messages():
            words |= {message["code"], message["to"].lstrip("+"), message["to"].removeprefix("+86")}
        found = set()
        for line in self._log:
            found |= words & set(re.findall(r"(?<![0-9A-Za-z.])[0-9]{6,15}(?![0-9A-Za-z])", line))
        return sorted(found)

    def exchange(self, raw, address=None):
        """Sends the bytes, reads one reply: (status, {lower-case name: [values]}, body text)."""
        with socket.create_connection(address or self._address, timeout=REPLY_SECONDS) as connection:
            connection.sendall(raw)
            data = b""
            while b"\r\n\r\n" not in data:
                data = _more(connection, data)
            head, _, body = data.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            fields = {}
            for line in lines[1:]:
                name, _, value = line.partition(":")
                fields.setdefault(name.strip().lower(), []).append(value.strip())
            length = 0 if raw.startswith(b"HEAD ") else int(fields.get("content-length", ["0"])[0])
            while len(body) < length:
                body = _more(connection, body)
        return int(lines[0].split(" ")[1]), fields, body.decode("utf-8")


def _more(connection, data):
    part = connection.recv(65536)
    if not part:
        raise ServerError(f"the connection ended within the reply: {data!r}")
    return data + part


def _merged(defaults, flags):
    """`--name value` pairs of a file replace the defaults; a list of all of them. Bare flags may stand alone."""
    out, index = dict(defaults), 0
    while index < len(flags):
        name, equals, value = flags[index].partition("=")
        index += 1
        if not equals and index < len(flags) and not flags[index].startswith("--"):
            value = flags[index]
            index += 1
            equals = "="
        out[name] = value if equals else None
    return [word for name, value in out.items() for word in ([name] if value is None else [name, value])]
