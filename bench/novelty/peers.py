"""The same filter with Python's rouge_score and with RapidFuzz, on a sample.

Usage: python peers.py TASK.json

TASK.json holds {"pool": [text], "sample": [{"text", "poolSize", "accepted",
"score"}], "threshold"}: pool members in the order they were kept and, for each
sampled candidate, how many there were when it came and what our index decided.
Prints one JSON document: for each way its seconds (processor time) a pair, and
how many decisions and scores differ from ours.

rouge_score runs as in the Self-Instruct release: scorer.score(text, member) for
every member. RapidFuzz gets the tokens as numbers coded in one character each,
which is its fastest form; Indel.normalized_similarity is 2*LCS/(n+m), ROUGE-L up
to rounding, and extractOne with a cut-off is its fastest search.
"""

import json
import sys
import time
from importlib.metadata import version

from rapidfuzz import process
from rapidfuzz.distance import Indel, LCSseq
from rouge_score import rouge_scorer, tokenize


def timed(function):
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


class Characters:
    """Texts as strings with one character a token."""

    def __init__(self):
        self.codes = {}

    def of(self, text):
        tokens = tokenize.tokenize(text, None)
        return "".join(
            # Above the surrogates, so that every code is a character.
            chr(0xE000 + self.codes.setdefault(token, len(self.codes)))
            for token in tokens
        )


def rouge_way(task, candidates):
    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
    best = []
    for candidate in candidates:
        members = task["pool"][: candidate["poolSize"]]
        best.append(
            max(
                scorer.score(candidate["text"], member)["rougeL"].fmeasure
                for member in members
            )
        )
    return best


def pairs_way(candidates, codes, pool):
    """LCSseq pair by pair in Python, F from the LCS."""
    best = []
    for candidate in candidates:
        text = codes.of(candidate["text"])
        scores = [0.0]
        for member in pool[: candidate["poolSize"]]:
            lcs = LCSseq.similarity(text, member)
            if lcs:
                precision, recall = lcs / len(member), lcs / len(text)
                scores.append(2 * precision * recall / (precision + recall))
        best.append(max(scores))
    return best


def search_way(task, candidates, codes, pool):
    """One call a candidate, with the cut-off; None where nothing is above it."""
    best = []
    for candidate in candidates:
        found = process.extractOne(
            codes.of(candidate["text"]),
            pool[: candidate["poolSize"]],
            scorer=Indel.normalized_similarity,
            processor=None,
            score_cutoff=task["threshold"],
        )
        best.append(0.0 if found is None else found[1])
    return best


def report(name, candidates, best, seconds, threshold):
    pairs = sum(candidate["poolSize"] for candidate in candidates)
    wrong = sum(
        (score > threshold) == candidate["accepted"]
        for score, candidate in zip(best, candidates)
    )
    different = sum(
        not candidate["accepted"] and abs(score - candidate["score"]) > 1e-12
        for score, candidate in zip(best, candidates)
    )
    return {
        "name": name,
        "candidates": len(candidates),
        "pairs": pairs,
        "secondsPerPair": seconds / pairs,
        "differentDecisions": wrong,
        "differentScores": different,
    }


def main():
    with open(sys.argv[1], encoding="utf8") as file:
        task = json.load(file)
    sample, threshold = task["sample"], task["threshold"]
    codes = Characters()
    pool, prepare = timed(lambda: [codes.of(text) for text in task["pool"]])

    few = sample[: task["rougeSample"]]
    best, seconds = timed(lambda: rouge_way(task, few))
    rows = [
        report(f"rouge_score {version('rouge_score')}", few, best, seconds, threshold)
    ]
    some = sample[: task["pairsSample"]]
    best, seconds = timed(lambda: pairs_way(some, codes, pool))
    name = f"RapidFuzz {version('rapidfuzz')}, LCSseq pair by pair"
    rows.append(report(name, some, best, seconds, threshold))
    best, seconds = timed(lambda: search_way(task, sample, codes, pool))
    name = f"RapidFuzz {version('rapidfuzz')}, extractOne with cut-off"
    rows.append(report(name, sample, best, seconds, threshold))
    print(json.dumps({"rows": rows, "prepareSeconds": prepare}))


if __name__ == "__main__":
    main()
