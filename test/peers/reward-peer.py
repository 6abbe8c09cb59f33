"""Rewards of answers by the sequence classifier of transformers.

Usage: reward-peer.py MODEL ANSWERS: a JSON list of texts (or lists of messages), in one
padded batch and one by one; prints {"together": […], "alone": […]}.
"""

import json
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

folder, path = sys.argv[1:]
model = AutoModelForSequenceClassification.from_pretrained(folder, dtype="float32")
assert model.config.num_labels == 1, model.config.num_labels
tokenizer = AutoTokenizer.from_pretrained(folder)
with open(path) as file:
    answers = json.load(file)
rows = [
    tokenizer(answer + tokenizer.eos_token)["input_ids"]
    if isinstance(answer, str)
    else tokenizer.apply_chat_template(answer, tokenize=True, return_dict=True)["input_ids"]
    for answer in answers
]
pad = model.config.pad_token_id
longest = max(len(row) for row in rows)


@torch.no_grad()
def rewards(batch):
    width = max(len(row) for row in batch)
    ids = torch.tensor([row + [pad] * (width - len(row)) for row in batch])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in batch])
    return model(input_ids=ids, attention_mask=mask).logits[:, 0].tolist()


print(json.dumps({"together": rewards(rows), "alone": [rewards([row])[0] for row in rows]}))
