#!/usr/bin/env python3
"""kill -9 of servers that deliver through a gateway: nothing accepted is lost, nothing is doubled but by a kill.

  delivery_crash.py --kills N --sends N --nodes N --conf FILE --log FILE --pending COMMAND -- smsauthd serve FLAG...

The gateway is a webhook in this process. Each node is asked for one message after the other, so that one kill finds about
one between the gateway's answer and its mark; nobody could know whether that one went out. COMMAND prints how many messages are still pending. Afterwards:
  - every acknowledged send was delivered, and no message is pending;
  - no message was delivered with two codes;
  - messages delivered more than once: at most as many as there were kills.
"""

import argparse
import asyncio
import collections
import itertools
import json
import random
import subprocess
import sys
import time

from client import Connection, Lost, Numbers, send_login
from crash import Server, check

PAUSE_SECONDS = 0.004  # between two sends: about what a delivery and its mark take
SETTLE_SECONDS = 60  # a lease of a dead node lasts 30 s, a sweep comes every 5 s
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Hook:
    """Takes every message."""

    def __init__(self):
        self.taken = []  # (id, to, code)

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
                message = json.loads(await reader.readexactly(length))
                self.taken.append((message["id"], message["to"], message["code"]))
                body = json.dumps({"message_id": "hook-" + message["id"]}).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def start(self):
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        return server.sockets[0].getsockname()[1]


class Node:
    def __init__(self, command, log):
        with open(log, "ab"):
            pass
        self.server = Server(command, log)
        self.up = asyncio.Event()

    async def start(self):
        await asyncio.to_thread(self.server.start)
        self.up.set()


class Run:
    def __init__(self, arguments):
        self.arguments = arguments
        self.hook = Hook()
        self.acknowledged = []
        self.over = False
        self.numbers = Numbers("136")

    async def client(self, node):
        while not self.over:
            await node.up.wait()
            connection = Connection(node.server.base)
            try:
                while not self.over:
                    phone = self.numbers.take()
                    reply = await send_login(connection, phone)
                    check(reply.status in (201, 503), f"a send was answered {reply.status} {reply.text}")
                    if reply.status == 201:
                        self.acknowledged.append(phone)
                    await asyncio.sleep(PAUSE_SECONDS)
            except (Lost, ConnectionError):
                await asyncio.sleep(0.01)

    async def kill_again_and_again(self, nodes):
        for node in itertools.islice(itertools.cycle(nodes), self.arguments.kills):
            await asyncio.sleep(random.uniform(0.02, 0.25))
            node.up.clear()
            node.server.kill()
            await node.start()
        while len(self.acknowledged) < self.arguments.sends:
            await asyncio.sleep(0.05)

    async def settle(self):
        give_up = time.monotonic() + SETTLE_SECONDS
        while True:
            asked = await asyncio.create_subprocess_shell(self.arguments.pending, stdout=subprocess.PIPE)
            left = int((await asked.communicate())[0])
            if left == 0:
                return
            check(time.monotonic() < give_up, f"{left} messages are still pending")
            await asyncio.sleep(0.5)

    def judge(self):
        times = collections.Counter(message for message, _, _ in self.hook.taken)
        codes = collections.defaultdict(set)
        for message, _, code in self.hook.taken:
            codes[message].add(code)
        reached = {to for _, to, _ in self.hook.taken}
        lost = [phone for phone in self.acknowledged if "+86" + phone not in reached]
        doubled = sum(count - 1 for count in times.values())
        print(f"{len(self.acknowledged)} acknowledged, {len(times)} delivered, {doubled} doubled, {self.arguments.kills} kills")
        check(not lost, f"{len(lost)} acknowledged sends were never delivered")
        check(all(len(each) == 1 for each in codes.values()), "a message was delivered with two codes")
        check(doubled <= self.arguments.kills, f"{doubled} doubled messages by {self.arguments.kills} kills")

    async def run(self):
        port = await self.hook.start()
        with open(self.arguments.conf, "w", encoding="utf-8") as conf:
            conf.write(f"[sms.hook]\ntype = webhook\nbase-url = http://127.0.0.1:{port}\nsecret = {SECRET}\nconcurrent = 1\n")
        nodes = [Node(self.arguments.command + ["--config", self.arguments.conf], f"{self.arguments.log}{number or ''}")
                 for number in range(self.arguments.nodes)]
        for node in nodes:
            await node.start()
        clients = [asyncio.create_task(self.client(node)) for node in nodes]
        killing = asyncio.create_task(self.kill_again_and_again(nodes))
        await asyncio.wait([killing, *clients], return_when=asyncio.FIRST_COMPLETED)
        if not killing.done():  # a client failed
            killing.cancel()
            await asyncio.gather(*clients)
        killing.result()
        self.over = True
        await asyncio.gather(*clients)
        await self.settle()
        for node in nodes:
            await asyncio.to_thread(node.server.stop)
        self.judge()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--sends", type=int, default=0)
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--conf", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--pending", required=True)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    try:
        asyncio.run(Run(arguments).run())
    except AssertionError as error:
        print(f"delivery_crash: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
