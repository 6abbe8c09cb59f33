"""The Python side of checkpoints.peers.test.ts: loads what Autodidact saved with the
real libraries and prints what they make of it as one JSON object."""

import json
import sys

import torch
import transformers
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def load(folder):
    model, report = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    problems = {key: sorted(map(str, value)) for key, value in report.items() if value}
    return model.eval(), problems


@torch.no_grad()
def last_logits(model, rows):
    return [model(torch.tensor([row])).logits[0, -1].tolist() for row in rows]


@torch.no_grad()
def greedy(model, row, count):
    tokens = list(row)
    for _ in range(count):
        tokens.append(model(torch.tensor([tokens])).logits[0, -1].argmax().item())
    return tokens[len(row) :]


def main():
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    task = json.load(sys.stdin)
    results = []
    for job in task:
        model, problems = load(job["folder"])
        tokenizer = AutoTokenizer.from_pretrained(job["folder"])
        if "adapter" in job:
            model = PeftModel.from_pretrained(model, job["adapter"]).eval()
        results.append(
            {
                "problems": problems,
                "last": last_logits(model, job["rows"]),
                "ids": tokenizer("Hello world")["input_ids"],
                "greedy": [greedy(model, row, job.get("greedy", 0)) for row in job["rows"]],
            }
        )
    print(json.dumps(results))


main()
