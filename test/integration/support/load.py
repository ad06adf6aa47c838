#!/usr/bin/env python3
"""Load with a history: what was acknowledged, what was refused, what nobody knows. Then the history is held against facts.

  load.py sends    --base URL --spool FILE --count N            N codes to N numbers
  load.py shutdown --base URL --spool FILE --pid N              SIGTERM under load
  load.py outage   --base URL --spool FILE --break CMD --mend CMD    the database dies under load and comes back
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
import time

from client import Connection, Lost, Numbers, Spool, access_token, send_login, token_is_good, verify_login

CONNECTIONS = 16
MAX_RECOVERY_SECONDS = 5
MAX_CLOSE_SECONDS = 0.5  # 100 ms is the promise; test machines are busy


def check(holds, message):
    if not holds:
        raise AssertionError(message)


class History:
    def __init__(self):
        self.sent = []       # numbers whose send was acknowledged
        self.tokens = []     # of acknowledged logins
        self.busy = 0        # replies 503
        self.answered = []   # times of replies that were not 503
        self.lost = []       # (time of sending, reply begun)


async def send_all(base, count):
    numbers = Numbers("135")

    async def worker(share):
        connection = Connection(base)
        for _ in range(share):
            reply = await send_login(connection, numbers.take())
            check(reply.status == 201, f"a send was answered {reply.status} {reply.text}")

    await asyncio.gather(*(worker(count // 10) for _ in range(10)))


async def log_in_for_ever(base, spool, history, numbers, stopped):
    """One client: send, take the code, log in; after a 503 it asks again."""
    connection = Connection(base)
    while not stopped.is_set():
        phone = numbers.take()
        reply = await asking(connection, history, stopped, send_login, phone)
        if reply is None:
            continue
        if reply.status == 500 and "sms_interval" in reply.text:
            continue  # the answer to the try before was 503, and it had been done
        check(reply.status == 201, f"a send was answered {reply.status} {reply.text}")
        history.sent.append(phone)
        code = spool.code(phone, "login")
        check(code is not None, "an acknowledged send is not in the spool")
        reply = await asking(connection, history, stopped, verify_login, phone, code)
        if reply is None:
            continue
        if reply.status == 200:
            history.tokens.append(access_token(reply))
        else:
            check(reply.status == 500 and "sms_verify_error" in reply.text, f"a login was answered {reply.status} {reply.text}")


async def asking(connection, history, stopped, ask, *words):
    """The first reply that is not 503; None when the connection was lost or the load ended."""
    while not stopped.is_set():
        began = time.monotonic()
        try:
            reply = await ask(connection, *words)
        except Lost as lost:
            history.lost.append((began, lost.begun))
            return None
        except ConnectionRefusedError:
            stopped.set()
            return None
        if reply.status != 503:
            history.answered.append(time.monotonic())
            return reply
        check(reply.headers.get("retry-after", "").isdigit(), "503 without Retry-After")
        history.busy += 1
        await asyncio.sleep(0.05)
    return None


async def shutdown(base, spool, pid):
    history, stopped = History(), asyncio.Event()
    numbers, unknown = Numbers("136"), Numbers("134")
    hashed = []  # (time of sending, time of reply or None)

    async def wrong_logins():
        # A password is hashed for an unknown number, too: such a request is some 20 ms on its way.
        connection = Connection(base)
        while not stopped.is_set():
            began = time.monotonic()
            try:
                reply = await connection.post("/api/v4.0/login", {"phone": unknown.take(), "password": "wrong-password"})
                check(reply.status in (200, 503), f"a login was answered {reply.status}")
                hashed.append((began, time.monotonic()))
            except Lost as lost:
                history.lost.append((began, lost.begun))
            except ConnectionRefusedError:
                stopped.set()

    clients = [log_in_for_ever(base, spool, history, numbers, stopped) for _ in range(4)]
    clients += [wrong_logins() for _ in range(4)]
    running = asyncio.gather(*clients)
    await asyncio.sleep(1)
    os.kill(pid, signal.SIGTERM)
    told = time.monotonic()
    closed_after = await last_taken(base, told)
    await asyncio.wait_for(running, 30)
    check(len(history.sent) > 20, "the load was no load")
    check(any(began < told < ended for began, ended in hashed), "no request was on its way when the signal came")
    check(not any(begun for _, begun in history.lost), "a reply was cut off")
    early = [began for began, _ in history.lost if began < told - 0.01]
    check(not early, f"{len(early)} requests sent before the signal were not answered")
    check(closed_after < MAX_CLOSE_SECONDS, f"still listening {closed_after:.1f} s after the signal")
    spool.read()
    print(f"{len(history.sent)} sends, {len(history.tokens)} logins, {len(history.lost)} connections ended before a reply")


async def last_taken(base, since):
    """Seconds after `since` at which a new connection was taken last. Not when one was first refused: Linux drops a SYN that
    meets a socket just closing, and the client hears of it from the next one, a second later (19 of 2809 closes, with a
    listener of ten lines)."""
    taken = 0.0
    while True:
        try:
            connection = Connection(base)
            await connection.open()
            taken = time.monotonic() - since
            connection.close()
        except (ConnectionRefusedError, ConnectionResetError):  # reset: it was in the queue of a socket just closed
            return taken
        check(taken < 10, "new connections are taken for ever")
        await asyncio.sleep(0.01)


async def run_command(command):
    process = await asyncio.create_subprocess_shell(command)
    check(await process.wait() == 0, "the database could not be broken or mended")


async def outage(base, spool, break_it, mend_it):
    history, stopped = History(), asyncio.Event()
    numbers = Numbers("137")
    running = asyncio.gather(*(log_in_for_ever(base, spool, history, numbers, stopped) for _ in range(CONNECTIONS)))
    await asyncio.sleep(1)
    before = len(history.tokens)
    check(before > 20, "the load was no load")
    await run_command(break_it)
    await asyncio.sleep(2)
    check(history.busy > 0, "nobody noticed that the database was gone")
    await run_command(mend_it)
    mended = time.monotonic()
    await asyncio.sleep(MAX_RECOVERY_SECONDS + 1)
    stopped.set()
    await running
    check(not history.lost, f"{len(history.lost)} connections were lost: the server fell over")
    recovered = [when - mended for when in history.answered if when > mended]
    check(recovered and recovered[0] <= MAX_RECOVERY_SECONDS, "no answer within 5 s of the database's return")
    connection = Connection(base)
    for token in history.tokens:
        check(await token_is_good(connection, token), "an acknowledged login is lost")
    print(f"{before} logins before, {len(history.tokens) - before} after; {history.busy} times busy; "
          f"first answer {recovered[0]:.2f} s after the return")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["sends", "shutdown", "outage"])
    parser.add_argument("--base", required=True)
    parser.add_argument("--spool", required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--pid", type=int)
    parser.add_argument("--break", dest="break_it")
    parser.add_argument("--mend", dest="mend_it")
    arguments = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # the first failed check says it; its siblings need not
    spool = Spool(arguments.spool)
    try:
        if arguments.what == "sends":
            asyncio.run(send_all(arguments.base, arguments.count))
        elif arguments.what == "shutdown":
            asyncio.run(shutdown(arguments.base, spool, arguments.pid))
        else:
            asyncio.run(outage(arguments.base, spool, arguments.break_it, arguments.mend_it))
    except AssertionError as error:
        print(f"load.py {arguments.what}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
