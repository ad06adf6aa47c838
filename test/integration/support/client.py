"""A small HTTP/1.1 client over keep-alive connections, and what it takes to speak the dialects: for races and load."""

import asyncio
import json
import os
import urllib.parse

REPLY_SECONDS = 15


class Lost(Exception):
    """The connection ended before the whole reply was there. `begun`: a part of it was."""

    def __init__(self, begun):
        super().__init__("connection lost " + ("within a reply" if begun else "before a reply"))
        self.begun = begun


class Reply:
    def __init__(self, status, headers, text):
        self.status = status
        self.headers = headers
        self.text = text

    def json(self):
        return json.loads(self.text)


class Connection:
    """One connection; opened by the first request, and again after the server closed it."""

    def __init__(self, base, source=None):
        """`source`: the loopback address that it comes from."""
        self._source = source
        self._host, _, port = base.removeprefix("http://").rpartition(":")
        self._port = int(port)
        self._reader = self._writer = None

    async def open(self):
        self._reader, self._writer = await asyncio.open_connection(
            self._host, self._port, local_addr=(self._source, 0) if self._source else None)

    def close(self):
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def post_json(self, path, value, token="", headers=""):
        """`headers`: more of them, each with its line end."""
        body = json.dumps(value).encode()
        if token:
            headers += f"Authorization: Bearer {token}\r\n"
        head = (f"POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n{headers}\r\n")
        return await self.exchange(head.encode() + body)

    async def post(self, path, fields, token=""):
        """Objects under discuzq's /api/sms go as JSON, everything else as a form."""
        if path.startswith("/api/sms/"):
            body, kind = json.dumps({"data": {"attributes": fields}}), "application/json"
        else:
            body, kind = urllib.parse.urlencode(fields), "application/x-www-form-urlencoded"
        head = f"POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        if token:
            head += f"Authorization: Bearer {token}\r\n"
        return await self.exchange((head + "\r\n" + body).encode())

    async def exchange(self, raw):
        if self._writer is None:
            await self.open()
        begun = False
        try:
            self._writer.write(raw)
            await self._writer.drain()
            head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), REPLY_SECONDS)
            begun = True
            lines = head.decode("latin-1").split("\r\n")
            headers = {}
            for line in lines[1:]:
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
            body = await asyncio.wait_for(self._reader.readexactly(int(headers.get("content-length", "0"))), REPLY_SECONDS)
        except asyncio.IncompleteReadError as error:
            self.close()
            raise Lost(begun or bool(error.partial)) from None
        except (ConnectionError, BrokenPipeError):
            self.close()
            raise Lost(begun) from None
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Reply(int(lines[0].split(" ")[1]), headers, body.decode("utf-8"))


class Spool:
    """The messages that the server handed over, read as they come."""

    def __init__(self, path):
        self._path = path
        self._offset = 0
        self._codes = {}
        self.messages = []

    def read(self):
        if not os.path.exists(self._path):
            return
        with open(self._path, "rb") as file:
            file.seek(self._offset)
            data = file.read()
        whole = data[:data.rfind(b"\n") + 1]  # a line may be half written
        self._offset += len(whole)
        for line in whole.splitlines():
            message = json.loads(line)
            self.messages.append(message)
            self._codes[message["to"], message["purpose"]] = message["code"]

    def code(self, phone, purpose):
        """The newest code, or None."""
        self.read()
        return self._codes.get(("+86" + phone, purpose))

    def messages_to(self, phone):
        self.read()
        return [message for message in self.messages if message["to"] == "+86" + phone]


class Numbers:
    """Mainland numbers, each once: PREFIX (3 digits) and a count."""

    def __init__(self, prefix, start=0):
        self._prefix = prefix
        self._next = start

    def take(self):
        self._next += 1
        return f"{self._prefix}{self._next:08d}"


async def send_login(connection, phone):
    return await connection.post("/api/sms/send", {"mobile": phone, "type": "login"})


async def verify_login(connection, phone, code):
    """Logs in, and makes the account when there is none."""
    return await connection.post("/api/sms/verify", {"mobile": phone, "type": "login", "code": code, "register": 1})


async def token_is_good(connection, token):
    """Asks with a request that changes nothing, since its type is unknown."""
    reply = await connection.post("/api/sms/send", {"mobile": "", "type": "unknown"}, token)
    if reply.status not in (401, 422):
        raise AssertionError(f"unexpected reply to a token: {reply.status} {reply.text}")
    return reply.status == 422


def access_token(reply):
    return reply.json()["data"]["attributes"]["access_token"]
