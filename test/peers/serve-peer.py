"""The Python side of serve.peers.test.ts: what OpenAI's client and the language model
evaluation harness get from a server, and what the harness gets from transformers. Reads
{url, model, folder, tasks, texts, chats, tokens}, prints one JSON object."""

import json
import sys

import lm_eval
import openai


def completions(task):
    client = openai.OpenAI(base_url=task["url"], api_key="none", max_retries=0)
    settings = {
        "model": task["model"],
        "max_tokens": task["tokens"],
        "temperature": 0,
    }
    batch = client.completions.create(prompt=task["texts"], **settings)
    streamed = []
    for messages in task["chats"]:
        stream = client.chat.completions.create(
            messages=messages, stream=True, **settings
        )
        parts = [choice.delta.content or "" for chunk in stream for choice in chunk.choices]
        streamed.append("".join(parts))
    try:
        client.completions.create(prompt="x", **{**settings, "model": "nobody"})
        refused = None
    except openai.NotFoundError as error:
        refused = error.code
    return {
        "texts": [choice.text for choice in batch.choices],
        "chats": streamed,
        "models": [model.id for model in client.models.list()],
        "refused": refused,
    }


def evaluation(task, model, settings):
    made = lm_eval.simple_evaluate(
        model=model,
        model_args=settings,
        tasks=task["tasks"],
        device="cpu",
        bootstrap_iters=0,
    )
    return {
        "figures": {
            name: {key: value for key, value in row.items() if "," in key}
            for name, row in made["results"].items()
        },
        "answers": {
            name: [
                answer
                for sample in samples
                for answer in sample["filtered_resps"]
            ]
            for name, samples in made["samples"].items()
        },
    }


def main():
    task = json.load(sys.stdin)
    served = {
        "base_url": f"{task['url']}/completions",
        "model": task["model"],
        "tokenizer": task["folder"],
        "num_concurrent": 4,
        "max_retries": 1,
    }
    local = {"pretrained": task["folder"], "dtype": "float32"}
    out = {
        "client": completions(task),
        "served": evaluation(task, "local-completions", served),
        "local": evaluation(task, "hf", local),
    }
    print("\n" + json.dumps(out))


main()
