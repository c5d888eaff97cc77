"""`tito talk`: text from the model that module 10's milestone has trained, as it is written."""

from __future__ import annotations

from tito.talk import stream


def run(prompt: str, temperature: float, top_k: int, seed: int | None, tokens: int) -> int:
    for piece in stream(prompt, temperature, top_k, seed, tokens):
        print(piece, end="", flush=True)
    print()
    return 0
