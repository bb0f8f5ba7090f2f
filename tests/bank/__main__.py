# SPDX-License-Identifier: Apache-2.0
"""python3 -m bank: the bank as a program.  SIGTERM and SIGINT end it cleanly."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

from bank.server import Bank


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bank", description="A bank for practice.")
    parser.add_argument("--listen", default="127.0.0.1:0", help="address:port; 0 takes a free one")
    parser.add_argument("--cert", required=True, help="the bank's certificate (PEM)")
    parser.add_argument("--key", required=True, help="its private key (PEM)")
    parser.add_argument("--ca", required=True, help="who vouches for Alym's certificate (PEM)")
    parser.add_argument("--secret-file", required=True, help="the secret shared with Alym")
    parser.add_argument("--merchant", default="demo", help="Alym's name at the bank")
    parser.add_argument("--state", help="a file that outlives the bank")
    parser.add_argument("--announce", help="a file to write the chosen port into")
    parser.add_argument("--callback-url", default="", help="where to ask about codes")
    parser.add_argument("--auto-pay", action="store_true", help="pay every order by itself")
    parser.add_argument("--verbose", action="store_true", help="say on stderr what happens")
    return parser.parse_args()


def main() -> int:
    wish = arguments()
    host, _, port = wish.listen.rpartition(":")
    with open(wish.secret_file, "rb") as file:
        secret = file.read().removesuffix(b"\n")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        bank = Bank(
            cert=wish.cert,
            key=wish.key,
            ca=wish.ca,
            secret=secret,
            merchant=wish.merchant,
            listen=(host.strip("[]"), int(port)),
            state=wish.state,
            verbose=wish.verbose,
        )
    except (OSError, ValueError) as error:
        print(f"bank: {error}", file=sys.stderr)
        return 1
    bank.set_mode({"callback_url": wish.callback_url, "auto_pay": wish.auto_pay})
    with bank:
        if wish.announce:
            announce(wish.announce, bank.port)
        bank.note(f"serving {bank.url}")
        stop.wait()
    return 0


def announce(path: str, port: int) -> None:
    """Whole or not at all: whoever waits for the file may read it at once."""
    with open(f"{path}.new", "w", encoding="ascii") as file:
        file.write(f"{port}\n")
    os.replace(f"{path}.new", path)


if __name__ == "__main__":
    sys.exit(main())
