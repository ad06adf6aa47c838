#!/usr/bin/env python3
"""The same sends to two servers in turn: p99 of the first (its gateways hang) against p99 of the second (a spool file).

  send_latency.py --hung URL --spool URL     the first may take 1.5 times as long, or 2 ms more
"""

import argparse
import asyncio
import statistics
import sys
import time

from client import Connection, Numbers, send_login

ROUNDS = 7
SENDS_PER_ROUND = 400
WARM_UP = 100
FACTOR = 1.5
FLOOR_MS = 2.0  # below it a difference is the machine's


async def p99_ms(connection, numbers, count):
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        reply = await send_login(connection, numbers.take())
        times.append((time.perf_counter() - begun) * 1e3)
        if reply.status != 201:
            raise AssertionError(f"a send was answered {reply.status} {reply.text}")
    return statistics.quantiles(times, n=100)[98]


async def compare(arguments):
    sides = [(Connection(arguments.hung), Numbers("134")), (Connection(arguments.spool), Numbers("135"))]
    for connection, numbers in sides:
        await p99_ms(connection, numbers, WARM_UP)
    rounds = [[await p99_ms(connection, numbers, SENDS_PER_ROUND) for connection, numbers in sides] for _ in range(ROUNDS)]
    hung, spool = (statistics.median(side) for side in zip(*rounds))
    print(f"p99 of send: {hung:.2f} ms while every gateway hangs, {spool:.2f} ms with the spool")
    if hung > FACTOR * spool and hung > spool + FLOOR_MS:
        raise AssertionError("hanging gateways slow the API down")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hung", required=True)
    parser.add_argument("--spool", required=True)
    try:
        asyncio.run(compare(parser.parse_args()))
    except AssertionError as error:
        print(f"send_latency: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
