"""Reads golden files: what README.md calls comments, options and steps."""

import re
import shlex
from dataclasses import dataclass, field


class FormatError(Exception):
    """The file itself is wrong."""


@dataclass
class Step:
    kind: str  # request, reply, sent, jwt, sql
    line: int
    argument: str = ""
    options: dict = field(default_factory=dict)
    text: str = ""


@dataclass
class GoldenFile:
    path: str
    fresh: bool = False
    flags: list = field(default_factory=list)
    steps: list = field(default_factory=list)


ARGUMENTS = {"request": 0, "reply": 1, "sent": 1, "jwt": 1, "sql": 0}
REQUEST_OPTIONS = {"times", "crlf", "escapes"}


def read(path):
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    golden = GoldenFile(path)
    step = None
    for number, line in enumerate(lines, 1):
        if line.startswith("--- "):
            step = _step(path, number, line[4:])
            golden.steps.append(step)
        elif step is not None:
            step.text += line + "\n"
        elif line.startswith("@"):
            _option(golden, number, line[1:])
        elif line.strip() and not line.startswith("#"):
            raise FormatError(f"{path}:{number}: text before the first step")
    _check(golden)
    return golden


def _option(golden, number, text):
    words = shlex.split(text)
    if words == ["server", "fresh"]:
        golden.fresh = True
    elif words and words[0] == "flags":
        golden.flags += words[1:]
        golden.fresh = True
    else:
        raise FormatError(f"{golden.path}:{number}: unknown option @{text}")


def _step(path, number, text):
    words = text.split(" # ")[0].split()
    kind = words[0] if words else ""
    if kind not in ARGUMENTS:
        raise FormatError(f"{path}:{number}: unknown step {text!r}")
    step = Step(kind, number)
    rest = words[1:]
    if ARGUMENTS[kind]:
        if not rest:
            raise FormatError(f"{path}:{number}: {kind} needs a value")
        step.argument = rest.pop(0)
    for word in rest:
        name, _, value = word.partition("=")
        if kind != "request" or name not in REQUEST_OPTIONS:
            raise FormatError(f"{path}:{number}: unknown option {word!r}")
        step.options[name] = value or True
    return step


def _check(golden):
    """A request without a reply would test nothing."""
    for step, following in zip(golden.steps, golden.steps[1:] + [None]):
        if step.kind == "request" and (following is None or following.kind != "reply"):
            raise FormatError(f"{golden.path}:{step.line}: a request needs a reply")
    if not any(step.kind == "reply" for step in golden.steps):
        raise FormatError(f"{golden.path}: no exchange")


def head_and_body(text):
    """Lines of the head, and the body without the blank lines that end a step (None: no blank line, no body)."""
    if text.startswith("\n"):
        head, body = "", text
    else:
        head, _, body = text.partition("\n\n")
    lines = [line for line in head.split("\n") if line]
    return lines, body.strip("\n") or None


def request_bytes(step, text):
    """The bytes to send. Host and Content-Length are added unless the file sets them."""
    if step.options.get("escapes"):
        text = _unescaped(text)
    head, body = head_and_body(text)
    if not head:
        raise FormatError(f"line {step.line}: a request needs a request line")
    line, fields = head[0], head[1:]
    if not re.search(r" HTTP/\d\.\d$", line):
        line += " HTTP/1.1"
    raw = (body or "").encode("utf-8", "surrogateescape")
    if step.options.get("crlf"):
        raw = raw.replace(b"\n", b"\r\n") + b"\r\n"
    names = {one.partition(":")[0].strip().lower() for one in fields}
    if "host" not in names:
        fields = ["Host: golden.test"] + fields
    if "content-length" not in names and "transfer-encoding" not in names and (raw or line.startswith("POST")):
        fields = fields + [f"Content-Length: {len(raw)}"]
    return "\r\n".join([line] + fields).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + raw


def _unescaped(text):
    """\\xNN is that byte: kept as a surrogate so that bytes that are no UTF-8 survive until they are sent."""
    def replace(match):
        what = match.group(1)
        if what[0] == "x":
            return bytes([int(what[1:], 16)]).decode("utf-8", "surrogateescape")
        return {"r": "\r", "n": "\n", "\\": "\\"}[what]
    return re.sub(r"\\(x[0-9a-fA-F]{2}|r|n|\\)", replace, text)
