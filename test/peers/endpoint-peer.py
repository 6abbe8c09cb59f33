"""The Python side of endpoint.peers.test.ts: what transformers itself generates,
greedily, for the same prompts. Reads {folder, texts, chats, tokens}, prints two
lists of texts as one JSON object."""

import json
import sys

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer


def main():
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    task = json.load(sys.stdin)
    model = AutoModelForCausalLM.from_pretrained(task["folder"]).eval()
    tokenizer = AutoTokenizer.from_pretrained(task["folder"])

    @torch.no_grad()
    def answer(ids):
        out = model.generate(
            torch.tensor([ids]), max_new_tokens=task["tokens"], do_sample=False
        )
        return tokenizer.decode(out[0, len(ids) :], skip_special_tokens=True)

    chats = [
        tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_dict=True
        )["input_ids"]
        for messages in task["chats"]
    ]
    print(
        json.dumps(
            {
                "texts": [answer(tokenizer(text)["input_ids"]) for text in task["texts"]],
                "chats": [answer(ids) for ids in chats],
            }
        )
    )


main()
