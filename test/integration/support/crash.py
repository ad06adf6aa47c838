#!/usr/bin/env python3
"""kill -9 in the middle of a load, again and again: what was acknowledged must be there afterwards.

  crash.py --kills N --spool FILE --log FILE -- smsauthd serve FLAG...

After every kill, with the server started again:
  - the code of every acknowledged send is in the spool;
  - the token of every acknowledged login works, and so does the password of every acknowledged registration;
  - no code that was used works again;
  - no message has two codes.
"""

import argparse
import asyncio
import logging
import os
import random
import re
import signal
import subprocess
import sys
import time

from client import Connection, Lost, Numbers, Spool, access_token, send_login, token_is_good, verify_login

CONNECTIONS = 16
START_SECONDS = 20
MAX_RECOVERY_SECONDS = 2
PASSWORD = "crash-pass-1"


def check(holds, message):
    if not holds:
        raise AssertionError(message)


class Server:
    def __init__(self, command, log):
        self._command = command
        self._log = log
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("SMSAUTHD_")}
        self._process = None
        self.base = ""

    def start(self):
        offset = os.path.getsize(self._log)
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             env=self._environment)
        give_up = time.monotonic() + START_SECONDS
        while True:
            with open(self._log, encoding="utf-8", errors="replace") as log:
                log.seek(offset)
                text = log.read()
            if re.search(r" info ready$", text, re.MULTILINE):
                self.base = "http://" + re.search(r" info listening on (\S+)", text).group(1)
                return
            check(self._process.poll() is None and time.monotonic() < give_up, "the server did not start:\n" + text[-2000:])
            time.sleep(0.01)

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        check(self._process.wait(20) == 0, "the server did not end with 0")


class Crash:
    def __init__(self, arguments):
        self.server = Server(arguments.command, arguments.log)
        self.spool = Spool(arguments.spool)
        self.kills = arguments.kills
        self.numbers = Numbers("137")
        self.registering = Numbers("138")
        self.sent = []         # (phone, purpose) of acknowledged sends
        self.logins = []       # (phone, code, token), acknowledged
        self.accounts = []     # phones of acknowledged registrations
        self.unanswered = []   # (phone, code): a login that the kill left open

    async def client(self):
        """Logs one number in after another until the server is gone."""
        connection = Connection(self.server.base)
        try:
            while True:
                phone = self.numbers.take()
                reply = await send_login(connection, phone)
                check(reply.status == 201, f"a send was answered {reply.status} {reply.text}")
                self.sent.append((phone, "login"))
                code = self.spool.code(phone, "login")
                check(code is not None, "an acknowledged send is not in the spool")
                self.unanswered.append((phone, code))
                reply = await verify_login(connection, phone, code)
                check(reply.status == 200, f"a login was answered {reply.status} {reply.text}")
                self.unanswered.remove((phone, code))
                self.logins.append((phone, code, access_token(reply)))
        except (Lost, ConnectionError):
            return

    async def registrar(self):
        """Registers one number after another, with a password, until the server is gone."""
        connection = Connection(self.server.base)
        try:
            while True:
                phone = self.registering.take()
                await connection.post(f"/api/v4.0/sendsms/{phone}", {"expect": "0"})
                self.sent.append((phone, "register"))
                code = self.spool.code(phone, "register")
                check(code is not None, "an acknowledged send is not in the spool")
                reply = await connection.post("/api/v4.0/register", {
                    "phone": phone, "name": "crash", "password": PASSWORD, "device_identifier": "d", "code": code})
                check(reply.json()["code"] == 200, f"a registration was answered {reply.text}")
                self.accounts.append(phone)
        except (Lost, ConnectionError):
            return

    async def load_and_kill(self):
        running = asyncio.gather(self.registrar(), *(self.client() for _ in range(CONNECTIONS)))
        await asyncio.sleep(random.uniform(0.1, 0.5))
        self.server.kill()
        await running

    def check_spool(self):
        self.spool.read()
        codes = {}
        for message in self.spool.messages:
            before = codes.setdefault(message["id"], message["code"])
            check(before == message["code"], "a message was sent again with another code")
        known = {(message["to"], message["purpose"]) for message in self.spool.messages}
        for phone, purpose in self.sent:
            check(("+86" + phone, purpose) in known, "an acknowledged send is lost")

    async def check_history(self, first_login, first_account):
        """What was acknowledged since the marks, over many connections at once."""
        async def login(connection, one):
            phone, code, token = one
            check(await token_is_good(connection, token), "the token of an acknowledged login is refused")
            reply = await verify_login(connection, phone, code)
            check(reply.status == 500, f"a used code worked again: {reply.status}")

        async def account(connection, phone):
            reply = await connection.post("/api/v4.0/login", {"phone": phone, "password": PASSWORD})
            check(reply.json()["code"] == 200, f"an acknowledged registration is lost: {reply.text}")

        # Nobody was told how these ended. Each may still work, once: the database says afterwards how often it did.
        async def unanswered(connection, one):
            await verify_login(connection, *one)
            reply = await verify_login(connection, *one)
            check(reply.status == 500, f"a code worked twice: {reply.status}")

        await self.for_each(login, self.logins[first_login:])
        await self.for_each(account, self.accounts[first_account:])
        await self.for_each(unanswered, self.unanswered)
        self.unanswered.clear()

    async def for_each(self, do, ones):
        async def take_turns(share):
            connection = Connection(self.server.base)
            for one in share:
                await do(connection, one)
            connection.close()

        await asyncio.gather(*(take_turns(ones[start::CONNECTIONS]) for start in range(CONNECTIONS)))

    async def check_tokens(self):
        async def good(connection, one):
            check(await token_is_good(connection, one[2]), "the token of an acknowledged login is refused after more kills")

        await self.for_each(good, self.logins)

    async def run(self):
        self.server.start()
        for _ in range(self.kills):
            marks = len(self.logins), len(self.accounts)
            await self.load_and_kill()
            self.check_spool()
            began = time.monotonic()
            self.server.start()
            recovery = time.monotonic() - began
            check(recovery < MAX_RECOVERY_SECONDS, f"ready only {recovery:.1f} s after the start")
            await self.check_history(*marks)
        await self.check_tokens()
        self.server.stop()
        print(f"{self.kills} kills, {len(self.sent)} sends, {len(self.logins)} logins, {len(self.accounts)} registrations")
        check(len(self.logins) > 20 * self.kills, "the load was no load")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--spool", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("command", nargs="+")
    crash = Crash(parser.parse_args())
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # the first failed check says it; its siblings need not
    try:
        asyncio.run(crash.run())
    except AssertionError as error:
        print(f"crash.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
