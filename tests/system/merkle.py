# SPDX-License-Identifier: Apache-2.0
"""Merkle trees and signed checkpoints, written from the standards and not from Alym's code.

RFC 6962 section 2.1 (the tree), RFC 9162 sections 2.1.3.2 and 2.1.4.2 (how a doubter checks), C2SP
signed-note and tlog-checkpoint (what is signed), RFC 8032 (Ed25519, by python3-cryptography).
"""

from __future__ import annotations

import base64
import hashlib
from typing import Iterable, NamedTuple, Optional

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 1  # the algorithm's number in keys and key ids
EMPTY_ROOT = hashlib.sha256().digest()


class Disproved(AssertionError):
    """What was claimed does not hold."""


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 2.1, word for word."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def roots_of(hashes: Iterable[bytes]) -> list[bytes]:
    """The roots of the trees of 0, 1, 2 ... leaves."""
    roots = [EMPTY_ROOT]
    edge: list[tuple[int, bytes]] = []  # complete subtrees from left to right: height, hash
    for leaf in hashes:
        height, node = 0, leaf
        while edge and edge[-1][0] == height:
            node = node_hash(edge.pop()[1], node)
            height += 1
        edge.append((height, node))
        root = edge[-1][1]
        for _, left in reversed(edge[:-1]):
            root = node_hash(left, root)
        roots.append(root)
    return roots


def check_inclusion(
    index: int, size: int, leaf: bytes, proof: list[bytes], root: bytes
) -> None:
    """The leaf hash `leaf` is number `index` (from 0) of the tree of `size`; RFC 9162 2.1.3.2."""
    if index >= size:
        raise Disproved(f"leaf {index} is beyond the tree of {size}")
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            raise Disproved("the proof is too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or r != root:
        raise Disproved(f"leaf {index} is not in the tree of {size}")


def check_consistency(
    first: int, second: int, first_root: bytes, proof: list[bytes], second_root: bytes
) -> None:
    """The tree of `first` leaves is the beginning of that of `second`; RFC 9162 2.1.4.2."""
    if first == second:
        if proof or first_root != second_root:
            raise Disproved("two trees of the same size differ")
        return
    if not 0 < first < second or not proof:
        raise Disproved("there is nothing to prove, or no proof")
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            raise Disproved("the proof is too long")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or fr != first_root or sr != second_root:
        raise Disproved(f"the tree of {first} is not the beginning of that of {second}")


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


class Key(NamedTuple):
    """A C2SP verifier key: name+id+base64 of the algorithm's number and the public key."""

    name: str
    id: bytes
    public: Ed25519PublicKey


def key_of(line: str) -> Key:
    name, key_id, encoded = line.split("+", 2)
    blob = base64.b64decode(encoded, validate=True)
    if blob[0] != ED25519 or len(blob) != 33:
        raise Disproved(f"not an Ed25519 key: {line}")
    own_id = hashlib.sha256(name.encode() + b"\n" + blob).digest()[:4]
    if own_id.hex() != key_id:
        raise Disproved(f"the key's id is not that of the key: {line}")
    return Key(name, own_id, Ed25519PublicKey.from_public_bytes(blob[1:]))


class Verifier:
    """Verifier keys, one a line; each signature by one of them must hold, and one must be there."""

    def __init__(self, keys: str) -> None:
        self.keys = [key_of(line) for line in keys.splitlines()]

    def open(self, note: str) -> Checkpoint:
        """What the note says, once its signatures were verified."""
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        if not note.endswith("\n"):
            raise Disproved(f"not a note: {note!r}")
        signers = [self._signer(line, text) for line in signatures.splitlines()]
        names = [key.name for key in signers if key]
        if not names:
            raise Disproved(f"not signed by one of these keys: {note!r}")
        origin, size, root = text.splitlines()
        if origin not in names or str(int(size)) != size:
            raise Disproved(f"not a checkpoint of {names[0]}: {text!r}")
        return Checkpoint(origin, int(size), base64.b64decode(root, validate=True))

    def _signer(self, line: str, text: str) -> Optional[Key]:
        """Whose signature it is; None: a stranger's."""
        dash, name, encoded = line.split(" ")
        signed = base64.b64decode(encoded, validate=True)
        known = [key for key in self.keys if (key.name, key.id) == (name, signed[:4])]
        if dash != "\N{EM DASH}":
            raise Disproved(f"not a signature: {line!r}")
        if not known:
            return None
        try:
            known[0].public.verify(signed[4:], text.encode())
        except InvalidSignature:
            raise Disproved(f"the signature does not hold: {text!r}") from None
        return known[0]
