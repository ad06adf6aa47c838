#!/usr/bin/env python3
"""An upstream that keeps connections alive, and dies under every request but those for /alive: dying_upstream.py PORT FILE

FILE gets a line "METHOD PATH" for each request that arrived, without the query.
"""

import socketserver
import sys


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            line = self.rfile.readline().decode()
            if not line:
                return
            method, target, _ = line.split(" ")
            length = 0
            while (field := self.rfile.readline().decode().strip()):
                name, _, value = field.partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            self.rfile.read(length)
            with open(self.server.record, "a", encoding="utf-8") as record:
                record.write(f"{method} {target.split('?')[0]}\n")
            if not target.startswith("/alive"):
                return  # closes the connection without a word
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ndying")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
    server.record = sys.argv[2]
    open(server.record + ".listening", "w", encoding="utf-8").close()
    server.serve_forever()
