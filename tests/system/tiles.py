# SPDX-License-Identifier: Apache-2.0
"""A log as C2SP tlog-tiles serves it, read and verified from its files alone.

Written from the specification (paths, widths, entry bundles) and RFC 6962, not from Alym's code.
"""

from __future__ import annotations

from typing import Callable, Iterator

from merkle import Checkpoint, Disproved, leaf_hash, root_of

WIDTH = 256
HASH = 32
LEVELS = 8


def number_path(number: int) -> str:
    """1234067 -> x001/x234/067"""
    path = f"{number % 1000:03}"
    while number := number // 1000:
        path = f"x{number % 1000:03}/{path}"
    return path


def tile_path(level: int | str, number: int, width: int = WIDTH) -> str:
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{number_path(number)}{partial}"


def tiles_of(size: int, level: int) -> Iterator[tuple[int, int]]:
    """Number and width of each tile of a level in a tree of that size; none is empty."""
    hashes = size // WIDTH**level
    for number in range(-(-hashes // WIDTH)):
        yield number, min(WIDTH, hashes - number * WIDTH)


def paths_of(size: int) -> list[str]:
    """Every tile and bundle that a tree of that size needs."""
    paths = [tile_path("entries", *tile) for tile in tiles_of(size, 0)]
    for level in range(LEVELS):
        paths += [tile_path(level, *tile) for tile in tiles_of(size, level)]
    return paths


def entries_of(bundle: bytes) -> list[bytes]:
    entries, at = [], 0
    while at < len(bundle):
        size = int.from_bytes(bundle[at : at + 2], "big")
        entries.append(bundle[at + 2 : at + 2 + size])
        at += 2 + size
    if at != len(bundle):
        raise Disproved("a bundle ends inside an entry")
    return entries


def verify(read: Callable[[str], bytes], checkpoint: Checkpoint) -> list[bytes]:
    """All entries of the log, each hashed up to the root that was signed; every tile on the way."""
    size = checkpoint.size
    entries: list[bytes] = []
    for number, width in tiles_of(size, 0):
        bundle = entries_of(read(tile_path("entries", number, width)))
        if len(bundle) != width:
            raise Disproved(f"bundle {number} has {len(bundle)} entries and not {width}")
        entries += bundle
    hashes = [leaf_hash(entry) for entry in entries]
    if root_of(hashes) != checkpoint.root:
        raise Disproved("the entries are not those that were signed")
    for level in range(LEVELS):
        for number, width in tiles_of(size, level):
            wanted = b"".join(hashes[number * WIDTH : number * WIDTH + width])
            if read(tile_path(level, number, width)) != wanted:
                raise Disproved(f"tile {level}/{number} has other hashes")
        whole = len(hashes) // WIDTH * WIDTH
        hashes = [root_of(hashes[i : i + WIDTH]) for i in range(0, whole, WIDTH)]
    return entries
