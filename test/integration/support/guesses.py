#!/usr/bin/env python3
"""What is no code, and who guesses, against a running server.

  guesses.py absent   --base URL --spool FILE   OTP-10: 40 values that are no code at every endpoint that takes one, before
                                                any send and after the code was used: none passes, wrong types are 400
  guesses.py everyone --base URL --spool FILE   OTP-06: 100 wrong guesses over four dialects, 50 client addresses, forged
                                                X-Forwarded-For and devices, then the right code: refused

Prints the numbers that were used, for a look into the database.
"""

import argparse
import asyncio
import sys

from client import Connection, Numbers, Spool, send_login, verify_login

NO_CODES = ["", None, True, False, 0, 1, -1, 1.5, 1e300, [], {}, [""], ["000000"], {"$ne": ""}, {"0": "000000"}, "000000",
            "100000", "999999", 999999, 123456, " ", "null", "true", "false", "undefined", "NaN", "0", "0.0", "1e5", "%", "_",
            "*", "' OR '1'='1", "123456 ", " 123456", "\uff11\uff12\uff13\uff14\uff15\uff16", "1234567", "12345", "-00000",
            "0x1e240"]
WRONG_TYPES = (bool, float, list, dict)


def check(holds, message):
    if not holds:
        raise AssertionError(message)


def discuzq(phone, kind, code, **more):
    return {"data": {"attributes": {"mobile": phone, "type": kind, "code": code, **more}}}


def endpoints(phone, code):
    """Every endpoint that takes a code without a session, and whether its reply says success."""
    new = {"password": "guess-pass-1", "password2": "guess-pass-1"}
    listed = [("/api/sms/verify", discuzq(phone, "login", code, register=1)),
              ("/api/sms/verify", discuzq(phone, "reset_pwd", code, password="guess-pass-1"))]
    listed += [("/api/v4.0/" + path, {"phone": phone, "name": "n", "device_identifier": "d", "password": "guess-pass-1", "code": code})
               for path in ("register", "verify_code", "forget_password")]
    listed += [("/api/user/reg", {"mobile": "+86" + phone, "mobilecode": code, "pass": "guess-pass-1", "passcheck": "guess-pass-1"}),
               ("/api/user/reSetPass", {"mobile": "+86" + phone, "code": code, "newpass": "guess-pass-1",
                                        "newpassck": "guess-pass-1", "type": 2})]
    listed += [("/module/main/" + path, {"phone": phone, "code": code, **(new if path != "login" else {})})
               for path in ("register", "login", "reset_password")]
    return listed


def succeeded(path, reply):
    if path.startswith("/api/sms/"):
        return reply.status < 400
    if path.startswith("/module/"):
        return reply.status == 200 and reply.json()["status"] == 200
    good = 0 if path.startswith("/api/user/") else 200
    return reply.status == 200 and str(reply.json()["code"]) == str(good)


async def absent(base, spool):
    connection = Connection(base)
    numbers = Numbers("158")
    unknown, used = numbers.take(), numbers.take()
    check((await send_login(connection, used)).status == 201, "the code was not sent")
    check((await verify_login(connection, used, spool.code(used, "login"))).status == 200, "the right code was refused")
    asked = 0
    for phone in (unknown, used):
        for value in NO_CODES:
            for path, body in endpoints(phone, value):
                reply = await connection.post_json(path, body)
                asked += 1
                check(not succeeded(path, reply), f"{path} took {value!r} for a code: {reply.text}")
                check(reply.status < 500 or path.startswith("/api/sms/"), f"{path} {value!r}: {reply.status}")
                if isinstance(value, WRONG_TYPES):
                    check(reply.status in (400, 422), f"{path} answered {value!r} with {reply.status} {reply.text}")
    check(asked == 2 * len(NO_CODES) * 10, f"only {asked} questions")
    print(unknown, used)


async def everyone(base, spool):
    phone = Numbers("157").take()
    first = Connection(base)
    check((await send_login(first, phone)).status == 201, "the code was not sent")
    code = spool.code(phone, "login")
    for guess in range(100):
        wrong = f"{(int(code) - 100000 + 1 + guess) % 900000 + 100000}"
        everywhere = endpoints(phone, wrong)
        path, body = everywhere[guess % len(everywhere)]
        source = f"127.0.1.{guess % 50 + 1}"
        connection = Connection(base, source)
        forged = f"X-Forwarded-For: 203.0.113.{guess}\r\nX-Real-IP: 198.51.100.{guess}\r\nX-Device: device-{guess}\r\n"
        if "device_identifier" in body:
            body["device_identifier"] = f"device-{guess}"
        reply = await connection.post_json(path, body, headers=forged)
        check(not succeeded(path, reply), f"{path} took a wrong code")
        connection.close()
    reply = await verify_login(Connection(base, "127.0.1.99"), phone, code)
    check(reply.status == 500, f"the right code was let in after 100 wrong ones: {reply.status}")
    print(phone)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["absent", "everyone"])
    parser.add_argument("--base", required=True)
    parser.add_argument("--spool", required=True)
    arguments = parser.parse_args()
    ask = {"absent": absent, "everyone": everyone}[arguments.what]
    try:
        asyncio.run(ask(arguments.base, Spool(arguments.spool)))
    except AssertionError as error:
        print(f"guesses: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
