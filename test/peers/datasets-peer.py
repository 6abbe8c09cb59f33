"""The Python side of datasets.peers.test.ts: what Hugging Face `datasets` reads in a
folder. Reads {folder, configs}, prints for each configuration its column types, its
number of rows and the rows themselves as one JSON object."""

import json
import sys

import datasets


def main():
    task = json.load(sys.stdin)
    datasets.disable_progress_bars()
    found = {}
    for config in task["configs"]:
        loaded = datasets.load_dataset(
            task["folder"], config, split="train", cache_dir=task["cache"]
        )
        found[config] = {
            "features": {name: str(kind) for name, kind in loaded.features.items()},
            "rows": loaded.to_list(),
        }
    parquet = datasets.load_dataset(
        "parquet",
        data_files=task["folder"] + "/data/train.parquet",
        split="train",
        cache_dir=task["cache"],
    )
    found["parquet"] = {
        "features": {name: str(kind) for name, kind in parquet.features.items()},
        "rows": parquet.to_list(),
    }
    print(json.dumps(found))


main()
