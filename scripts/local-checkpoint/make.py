"""Makes a checkpoint that Autodidact did not make: a Llama of 18 million parameters in
SmolLM2's shape with a byte-level BPE tokenizer and a chat template, built, pre-trained
and saved by the real transformers and tokenizers.

    npm ci
    python scripts/local-checkpoint/make.py --out runs/local-checkpoint
    autodidact run recipes/local-checkpoint.yaml

It reads raw text of the nursery world and no instruction, so that the loop over it has
something to work with and its answers can be checked. Seeded; a stopped one goes on
with the same command. Writes pretraining.json beside the weights.
Needs: pip install torch transformers tokenizers
"""

import argparse
import json
import math
import platform
import subprocess
import time
from pathlib import Path

import tokenizers
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

ROOT = Path(__file__).parents[2]
VOCABULARY = 2048
# A verdict word counts three times, as in the pre-training of the nursery's M0.
VERDICT_WEIGHT = 3.0
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
# An answer is written as the raw text is: a space before each word, the end of a
# document at its end. So the new tokens are only read, and LoRA need not make them.
CHAT_TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ '<|im_start|>' + message['content'] + '<|im_end|>' }}"
    "{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}"
)

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--out", type=Path, required=True)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--steps", type=int, default=400)
parser.add_argument("--rows", type=int, default=16, help="rows in a step")
parser.add_argument("--length", type=int, default=128, help="tokens in a row")
parser.add_argument("--learning-rate", type=float, default=1.5e-3)
parser.add_argument(
    "--stop-after", type=float, default=math.inf, help="seconds, then save and end"
)


def raw_text(seed: int, characters: int) -> tuple[list[dict], list[str]]:
    """Documents with the places of their verdicts, and the prompts of the seed files."""
    printed = subprocess.run(
        ["npx", "tsx", "scripts/local-checkpoint/raw-text.ts", str(seed), str(characters)],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout
    rows = [json.loads(line) for line in printed.splitlines()]
    documents = [row for row in rows if "text" in row]
    return documents, [row["prompt"] for row in rows if "prompt" in row]


def train_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|endoftext|>",
        eos_token="<|endoftext|>",
        pad_token="<|im_end|>",
        chat_template=CHAT_TEMPLATE,
    )


def token_stream(
    tokenizer: PreTrainedTokenizerFast, documents: list[dict]
) -> tuple[torch.Tensor, torch.Tensor]:
    """All documents in one row, each closed by <|endoftext|>, and the weight of each token."""
    ids: list[int] = []
    weights: list[float] = []
    for document in documents:
        encoded = tokenizer(document["text"], return_offsets_mapping=True)
        places = set(document["verdicts"])
        ids += [*encoded.input_ids, tokenizer.eos_token_id]
        # A token begins at the space before its word.
        weights += [
            VERDICT_WEIGHT if start in places or start + 1 in places else 1.0
            for start, _ in encoded.offset_mapping
        ] + [1.0]
    return torch.tensor(ids), torch.tensor(weights)


def main() -> None:
    options = parser.parse_args()
    began = time.monotonic()
    torch.manual_seed(options.seed)
    needed = options.steps * options.rows * options.length
    state_path = options.out.with_name(f"{options.out.name}.partial.pt")
    state = torch.load(state_path, weights_only=False) if state_path.exists() else None
    if state is None:
        # A token of this text is about four characters; what is left over is not read.
        documents, prompts = raw_text(options.seed, int(needed * 4.3))
        tokenizer = train_tokenizer(
            [document["text"] for document in documents[:20_000]] + prompts
        )
        ids, weights = token_stream(tokenizer, documents)
        assert len(ids) > needed, f"{needed} tokens wanted, {len(ids)} drawn"
    else:
        tokenizer, ids, weights = state["tokenizer"], state["ids"], state["weights"]
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=512,
        intermediate_size=1408,
        num_hidden_layers=6,
        num_attention_heads=8,
        num_key_value_heads=4,
        max_position_embeddings=512,
        rope_theta=10_000.0,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    parameters = sum(p.numel() for p in model.parameters())
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=options.learning_rate, betas=(0.9, 0.98), weight_decay=0.02
    )

    def rate(step: int) -> float:
        warm = min(1.0, (step + 1) / 50)
        return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / options.steps)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    losses: list[float] = []
    seconds = 0.0
    if state is not None:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        losses, seconds = state["losses"], state["seconds"]
    step_tokens = options.rows * options.length
    model.train()
    while len(losses) < options.steps and time.monotonic() - began < options.stop_after:
        at = len(losses) * step_tokens
        block = ids[at : at + step_tokens].view(options.rows, options.length)
        weight = weights[at : at + step_tokens].view(options.rows, options.length)[:, 1:]
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(block).logits[:, :-1]
        each = torch.nn.functional.cross_entropy(
            logits.float().transpose(1, 2), block[:, 1:], reduction="none"
        )
        loss = (each * weight).sum() / weight.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        if len(losses) % 20 == 0:
            spent = time.monotonic() - began
            print(f"step {len(losses)} loss {sum(losses[-20:]) / 20:.4f} {spent:.0f} s", flush=True)
    seconds += time.monotonic() - began
    if len(losses) < options.steps:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        torch.save(
            {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "losses": losses,
                "seconds": seconds,
                "tokenizer": tokenizer,
                "ids": ids,
                "weights": weights,
            },
            state_path,
        )
        print(f"stopped after step {len(losses)}; the same command goes on")
        return
    model.to(torch.bfloat16).save_pretrained(options.out)
    tokenizer.save_pretrained(options.out)
    record = {
        "command": f"python scripts/local-checkpoint/make.py --out {options.out} --seed {options.seed} --steps {options.steps}",
        "parameters": parameters,
        "tokens": options.steps * step_tokens,
        "finalLoss": round(sum(losses[-50:]) / len(losses[-50:]), 4),
        "seconds": round(seconds),
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "versions": {
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "tokenizers": tokenizers.__version__,
        },
    }
    (options.out / "pretraining.json").write_text(json.dumps(record, indent=2) + "\n")
    state_path.unlink(missing_ok=True)
    print(json.dumps(record, indent=2))


main()
