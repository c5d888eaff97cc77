"""Milestone 07: 512 tokens learnt from eight plays, and every character there is comes back.

Learns 512 tokens from the speeches of eight plays, and then 2,048, both timed. What was learnt is applied to the plays
and to every character of Unicode, and must come back as it was. Run it from the folder of the course:

    python modules/07_tokenization/milestone.py [--quick] [--out DIR]

`--quick` takes a tenth of the text and of the characters.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the folder of the course, where tinytorch/ and tito/ are

from tinytorch.tokenization import Tokenizer, bytes_per_token, train_bpe
from tito import show
from tito.datasets import shakespeare

SIZES = (512, 2048)
SURROGATES = range(0xD800, 0xE000)  # numbers that stand for no character
PARAGRAPH = slice(248, 527)


def main():
    parser = argparse.ArgumentParser(description="Learn tokens from eight plays.")
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the text and of the characters"
    )
    parser.add_argument(
        "--out", type=Path, default=Path(".tito/milestones"), help="where the picture goes"
    )
    arguments = parser.parse_args()

    text = shakespeare()
    if arguments.quick:
        text = text[: len(text) // 10]
    tokenizers = {"256 tokens": Tokenizer()}
    for size in SIZES:
        start = time.perf_counter()
        tokenizer = Tokenizer(train_bpe(text, size))
        seconds = time.perf_counter() - start
        tokenizers[f"{len(tokenizer):,} tokens"] = tokenizer
        print(
            f"{len(tokenizer):,} tokens from {len(text):,} characters in {seconds:.1f} s: "
            f"{bytes_per_token(tokenizer, text):.2f} bytes a token"
        )
        if tokenizer.decode(tokenizer.encode(text)) != text:
            sys.exit("The plays do not come back as they were.")
    characters = [chr(code) for code in range(sys.maxunicode + 1) if code not in SURROGATES]
    if arguments.quick:
        characters = characters[::10]
    wrong = [c for c in characters if tokenizer.decode(tokenizer.encode(c)) != c]
    print(
        f"{len(characters) - len(wrong):,} of {len(characters):,} characters of Unicode come back as they were"
    )
    print(f"picture: {draw(text[PARAGRAPH], tokenizers, arguments.out)}")
    if wrong:
        sys.exit(f"{len(wrong):,} characters do not come back, the first is {wrong[0]!r}.")


def draw(text, tokenizers, folder):
    """Save a picture of `text` cut by each of the tokenizers; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "07_tokenization.png"
    show.tokens(text, tokenizers).save(path)
    return path


if __name__ == "__main__":
    main()
