"""The Python side of interop.peers.test.ts: what Inspect, TensorBoard and pyarrow read in
the exports of a run. Reads {logs, events, tables}, prints what they found as JSON."""

import json
import sys

import pyarrow.parquet
from inspect_ai.log import list_eval_logs, read_eval_log
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def inspect_log(info):
    log = read_eval_log(info)
    return {
        "model": log.eval.model,
        "status": log.status,
        "metrics": {
            score.name: {name: metric.value for name, metric in score.metrics.items()}
            for score in log.results.scores
        },
        "samples": [
            {
                "input": sample.input,
                "target": sample.target,
                "completion": sample.output.completion,
                "stop": sample.output.stop_reason,
                "scores": {name: score.value for name, score in sample.scores.items()},
            }
            for sample in log.samples
        ],
    }


def scalars(folder):
    events = EventAccumulator(folder)
    events.Reload()
    return {
        tag: [[event.step, event.value] for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }


def table(path):
    read = pyarrow.parquet.read_table(path)
    return {
        "types": {field.name: str(field.type) for field in read.schema},
        "rows": read.to_pylist(),
    }


def main():
    task = json.load(sys.stdin)
    logs = list_eval_logs(task["logs"], descending=False)
    found = {
        "logs": [inspect_log(info) for info in logs],
        "events": {folder: scalars(folder) for folder in task["events"]},
        "tables": {path: table(path) for path in task["tables"]},
    }
    print(json.dumps(found))


main()
