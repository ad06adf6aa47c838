#!/usr/bin/env python3
"""Races against a running server over real parallel connections.

  race.py single-use    --base URL --spool FILE --rounds N   64 right answers to one code at once: one success
  race.py wrong-answers --base URL --spool FILE              200 wrong answers at once, then the right one: refused
  race.py registrations --base URL --spool FILE              64 registrations of one number in many spellings: one account
  race.py sends         --base URL --spool FILE              500 sends to one number at once: one message
  race.py refreshes     --base URL --spool FILE --rounds N   32 refreshes of one token at once: one successor
  race.py resets        --base URL --spool FILE              32 uses of one reset code at once: one new password

Prints the numbers that were used, for a look into the database.
"""

import argparse
import asyncio
import itertools
import json
import logging
import sys

from client import Connection, Numbers, Spool, send_login, verify_login

MAX_CODE_GUESSES = 5


def check(holds, message):
    if not holds:
        raise AssertionError(message)


class Race:
    def __init__(self, arguments):
        self.arguments = arguments
        self.spool = Spool(arguments.spool)
        self.connections = []

    async def connect(self, count):
        """Opens them all beforehand: the race is between requests, not between handshakes."""
        while len(self.connections) < count:
            base = self.arguments.other_base if len(self.connections) % 4 > 1 else self.arguments.base
            connection = Connection(base)
            await connection.open()
            self.connections.append(connection)

    async def all_at_once(self, asks):
        """asks: one function of a connection for each connection. Their replies."""
        await self.connect(len(asks))
        return await asyncio.gather(*(ask(connection) for ask, connection in zip(asks, self.connections)))

    async def new_code(self, phone):
        await self.connect(1)
        reply = await send_login(self.connections[0], phone)
        check(reply.status == 201, f"a send was answered {reply.status} {reply.text}")
        code = self.spool.code(phone, "login")
        check(code is not None, "an acknowledged send is not in the spool")
        return code

    async def single_use(self):
        numbers = Numbers("130")
        for number in range(self.arguments.rounds):
            phone = numbers.take()
            code = await self.new_code(phone)

            async def through_discuzq(connection):
                return (await verify_login(connection, phone, code)).status == 200

            async def through_module(connection):
                reply = await connection.post("/module/main/login", {"phone": phone, "code": code})
                check(reply.status == 200, f"a login was answered {reply.status}")
                return reply.json()["status"] == 200

            # Every second round from two dialects. Through module the number is unknown yet: the code is burned, not used.
            asks = [through_discuzq, through_module] * 32 if number % 2 else [through_discuzq] * 64
            successes = sum(await self.all_at_once(asks))
            allowed = (0, 1) if number % 2 else (1,)
            check(successes in allowed, f"round {number}: {successes} successes with one code")

    async def wrong_answers(self):
        phone = Numbers("131").take()
        code = await self.new_code(phone)
        wrong = [f"{guess}" for guess in range(100000, 100300) if f"{guess}" != code][:200]
        replies = await self.all_at_once([lambda c, g=guess: verify_login(c, phone, g) for guess in wrong])
        check(all(reply.status in (500, 503) for reply in replies), "a wrong answer was let in")
        reply = await verify_login(self.connections[0], phone, code)
        check(reply.status == 500 and "sms_verify_error" in reply.text, "the right code was let in after 200 wrong ones")
        print(phone)

    async def registrations(self):
        """Half of them with a registration code through v4, half with a login code through discuzq."""
        phone = Numbers("132").take()
        login_code = await self.new_code(phone)
        reply = await self.connections[0].post(f"/api/v4.0/sendsms/{phone}", {"expect": "0"})
        check(reply.json()["code"] == "200", f"a send was answered {reply.text}")
        register_code = self.spool.code(phone, "register")
        spellings = itertools.cycle([phone, "+86" + phone, "86" + phone, "0086" + phone, f"+86 {phone}",
                                     f"{phone[:3]}-{phone[3:7]}-{phone[7:]}", f"{phone[:3]} {phone[3:]}", f"+86-{phone}"])

        async def through_v4(connection, spelled):
            reply = await connection.post("/api/v4.0/register", {
                "phone": spelled, "name": "race", "password": "race-pass-1", "device_identifier": "d", "code": register_code})
            return "v4" if reply.json()["code"] == 200 else None

        async def through_discuzq(connection, spelled):
            return "discuzq" if (await verify_login(connection, spelled, login_code)).status == 200 else None

        ways = [through_v4, through_discuzq] * 32
        won = await self.all_at_once([lambda c, w=way, s=next(spellings): w(c, s) for way in ways])
        check(won.count("v4") <= 1 and won.count("discuzq") <= 1, f"one code was used more than once: {won}")
        check(any(won), "nobody could register")
        print(phone)

    async def sends(self):
        phone = Numbers("133").take()
        replies = await self.all_at_once([lambda c: send_login(c, phone)] * 500)
        statuses = [reply.status for reply in replies]
        limited = [reply for reply in replies if reply.status == 500 and "sms_interval" in reply.text]
        check(statuses.count(201) == 1, f"{statuses.count(201)} sends were acknowledged")
        check(all(int(reply.headers["retry-after"]) > 0 for reply in limited), "a limited send without Retry-After")
        check(statuses.count(201) + len(limited) + statuses.count(503) == 500, "an unexpected reply")
        check(len(self.spool.messages_to(phone)) == 1, f"{len(self.spool.messages_to(phone))} messages were sent")
        print(phone)

    async def refreshes(self):
        numbers = Numbers("150")
        for number in range(self.arguments.rounds):
            phone = numbers.take()
            code = await self.new_code(phone)
            reply = await verify_login(self.connections[0], phone, code)
            token = reply.json()["data"]["attributes"]["refresh_token"]
            raw = json.dumps({"data": {"attributes": {"grant_type": "refresh_token", "refresh_token": token}}})
            head = ("POST /api/refresh-token HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(raw)}\r\n\r\n")
            replies = await self.all_at_once([lambda c: c.exchange((head + raw).encode())] * 32)
            good = [reply.json()["data"]["attributes"]["refresh_token"] for reply in replies if reply.status == 200]
            check(len(good) == 32, f"round {number}: only {len(good)} of 32 replays within the grace were answered")
            check(len(set(good)) == 1, f"round {number}: {len(set(good))} successors of one token")

    async def resets(self):
        phone = Numbers("151").take()
        code = await self.new_code(phone)
        await verify_login(self.connections[0], phone, code)
        await self.connections[0].post("/module/main/send_code", {"phone": phone, "type": "reset"})
        code = self.spool.code(phone, "reset_password")

        async def reset(connection, password):
            reply = await connection.post("/api/v4.0/forget_password", {"phone": phone, "password": password, "code": code})
            return password if reply.status == 200 and reply.json()["code"] == 200 else None

        won = await self.all_at_once([lambda c, n=number: reset(c, f"race-pass-{n}") for number in range(32)])
        winners = [password for password in won if password]
        check(len(winners) == 1, f"{len(winners)} passwords were set with one code")
        reply = await self.connections[0].post("/api/v4.0/login", {"phone": phone, "password": winners[0]})
        check(reply.json()["code"] == 200, "the password that was acknowledged does not work")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["single-use", "wrong-answers", "registrations", "sends", "refreshes", "resets"])
    parser.add_argument("--base", required=True)
    parser.add_argument("--other-base", help="half of the connections go there: a second server on the same database")
    parser.add_argument("--spool", required=True)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    arguments.other_base = arguments.other_base or arguments.base
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # the first failed check says it; its siblings need not
    try:
        asyncio.run(getattr(Race(arguments), arguments.what.replace("-", "_"))())
    except AssertionError as error:
        print(f"race.py {arguments.what}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
