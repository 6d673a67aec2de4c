"""Sets of slots: bits of an integer, or tuples for small sets, for which an integer would be mostly zeros."""

from __future__ import annotations

#: Bits taken off a wide set at a time: taking them singly would copy the whole set for each.
_WINDOW = 4096
#: The largest set kept as a tuple of slots.
_FEW = 8

Few = tuple[int, ...]


def slots_of(bits: int) -> list[int]:
    """Return the slots in the set, highest first."""
    slots: list[int] = []
    while bits:
        base = max(0, bits.bit_length() - _WINDOW)
        window = bits >> base
        bits &= (1 << base) - 1
        while window:
            top = window.bit_length() - 1
            window ^= 1 << top
            slots.append(base + top)
    return slots


def toggled(kept: Few | int, slot: int) -> Few | int:
    """Return the set with the slot added or removed; empty sets are falsy."""
    if isinstance(kept, int):
        return kept ^ (1 << slot)
    if slot in kept:
        return tuple(other for other in kept if other != slot)
    return (*kept, slot) if len(kept) < _FEW else bits_of((*kept, slot))


def bits_of(kept: Few | int) -> int:
    """Return the set as an integer."""
    if isinstance(kept, int):
        return kept
    bits = 0
    for slot in kept:
        bits |= 1 << slot
    return bits


def size_of(kept: Few | int) -> int:
    """Return the number of slots in the set."""
    return kept.bit_count() if isinstance(kept, int) else len(kept)
