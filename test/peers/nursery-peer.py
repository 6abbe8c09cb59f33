"""Logits and greedy text of a checkpoint by transformers: reads a JSON request from
standard input ({folder, prompts, tokens}), writes JSON to standard output."""

import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

request = json.load(sys.stdin)
torch.set_num_threads(1)
tokenizer = AutoTokenizer.from_pretrained(request["folder"])
model = AutoModelForCausalLM.from_pretrained(request["folder"], dtype=torch.float32)
model.eval()
answers = []
with torch.no_grad():
    for prompt in request["prompts"]:
        ids = tokenizer(prompt, return_tensors="pt", add_special_tokens=False).input_ids
        log_probabilities = model(ids).logits[0].log_softmax(-1)
        generated = model.generate(ids, max_new_tokens=request["tokens"], do_sample=False)
        answers.append(
            {
                "ids": ids[0].tolist(),
                "last": log_probabilities[-1].tolist(),
                "text": tokenizer.decode(generated[0, ids.shape[1] :], skip_special_tokens=True),
            }
        )
json.dump(answers, sys.stdout)
