"""Tiny random models with heads that vLLM's CPU kernels take, and what transformers says of them.

stdin:  {"out": folder, "families": {name: fixture folder}, "rows": [[id, ...], ...], "tokens": n}
stdout: {name: {"greedy": [[id, ...], ...], "logprobs": [[log p, ...], ...]}}, greedy
        continuations of the rows with the log-probability of each of their tokens.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

job = json.load(sys.stdin)
HEAD = 32
found = {}
for name, fixture in job["families"].items():
    torch.manual_seed(1)
    config = AutoConfig.from_pretrained(fixture)
    config.head_dim = HEAD
    config.hidden_size = HEAD * config.num_attention_heads
    config.initializer_range = 0.2
    config.dtype = "float32"
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    folder = Path(job["out"]) / name
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(fixture).save_pretrained(folder)
    generation = Path(fixture) / "generation_config.json"
    if generation.exists():
        shutil.copy(generation, folder)
    greedy, logprobs = [], []
    for row in job["rows"]:
        ids = list(row)
        told = []
        for _ in range(job["tokens"]):
            with torch.no_grad():
                logits = model(torch.tensor([ids])).logits[0, -1]
            told.append(torch.log_softmax(logits.double(), -1).max().item())
            ids.append(int(logits.argmax()))
        greedy.append(ids[len(row) :])
        logprobs.append(told)
    found[name] = {"greedy": greedy, "logprobs": logprobs}
json.dump(found, sys.stdout)
