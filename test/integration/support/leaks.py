#!/usr/bin/env python3
"""Looks for what must not be there: leaks.py HOME [PLANTED-SECRET...]

In the server's log: codes, full numbers and planted secrets such as passwords (LOG-01). In its replies: codes and planted
secrets (OTP-13). HOME is a directory of support/server.bash. Prints each find masked; exit code 1 when there is one.
"""

import json
import os
import re
import sys


def lines_of(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().splitlines()


def digit_words(line):
    """Runs of digits that are words of their own: no part of an id or a token, no fraction of a time."""
    return re.findall(r"(?<![0-9A-Za-z.])[0-9]{6,15}(?![0-9A-Za-z])", line.replace("%2B86", " ").replace("+86", " "))


def search(name, lines, words, planted):
    finds = 0
    for number, line in enumerate(lines, 1):
        found = words & set(digit_words(line)) | {secret for secret in planted if secret in line}
        for secret in sorted(found):
            finds += 1
            print(f"{name}:{number}: holds {secret[:2]}… ({len(secret)} characters)")
    return finds


def main():
    home, planted = sys.argv[1], set(sys.argv[2:])
    messages = [json.loads(line) for line in lines_of(os.path.join(home, "spool.jsonl")) if line.endswith("}")]
    codes = {message["code"] for message in messages if message.get("code")}
    numbers = set()
    for message in messages:
        numbers |= {message["to"].lstrip("+"), message["to"].removeprefix("+86")}
    finds = search("log", lines_of(os.path.join(home, "log")), codes | numbers, planted)
    finds += search("traffic", lines_of(os.path.join(home, "traffic")), codes, planted)
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
