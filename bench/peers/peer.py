"""The Python side of bench/peers: one measurement a process.

    python bench/peers/peer.py '<request as JSON>'

Prints one line of JSON. Requests are written by bench/peers/main.ts: `make` writes
random weights with the real transformers, `sft` and `dpo` time TRL's steps, `generate`
times transformers' generate. Every precision and every other setting is in the request
or below; what TRL does by default and costs time for nothing on this data
(gradient checkpointing, logging) is off.
"""

import json
import os
import resource
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import torch
import transformers

transformers.logging.set_verbosity_error()


def make(request):
    size = request["size"]
    folder = request["folder"]
    words = request["specials"] + [
        f"w{i}" for i in range(size["vocabSize"] - len(request["specials"]))
    ]
    from tokenizers import Tokenizer, models, pre_tokenizers

    raw = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<pad>")
    )
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", eos_token="<end>"
    ).save_pretrained(folder)
    torch.manual_seed(1)
    config = transformers.LlamaConfig(
        hidden_size=size["hiddenSize"],
        intermediate_size=size["intermediateSize"],
        num_hidden_layers=size["layers"],
        num_attention_heads=size["heads"],
        num_key_value_heads=size["keyValueHeads"],
        vocab_size=size["vocabSize"],
        max_position_embeddings=size["maxPositions"],
        rope_theta=size["ropeTheta"],
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=0,
    )
    model = transformers.LlamaForCausalLM(config).to(torch.float32)
    model.save_pretrained(folder)
    return {"parameters": model.num_parameters()}


class Clock(transformers.TrainerCallback):
    """Times at the end of every step."""

    def __init__(self):
        self.ends = []

    def on_step_end(self, *_, **__):
        self.ends.append((time.perf_counter(), time.process_time()))


def train(request):
    from datasets import Dataset
    from peft import LoraConfig
    from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

    workload = json.load(open(request["workload"]))
    rows = workload[request["task"]]
    precision = request["setting"]
    shared = {
        "output_dir": tempfile.mkdtemp(),
        "learning_rate": 1e-4,
        "num_train_epochs": 1,
        "per_device_train_batch_size": request["batchSize"],
        "max_grad_norm": 1.0,
        "max_length": 512,
        "train_sampling_strategy": "sequential",
        "use_cpu": True,
        "bf16": precision == "bf16 autocast",
        "gradient_checkpointing": False,
        "logging_strategy": "no",
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "model_init_kwargs": {
            "dtype": "bfloat16" if precision == "bf16 weights" else "float32"
        },
    }
    lora = request["lora"]
    extra = {}
    if lora is not None:
        extra["peft_config"] = LoraConfig(
            r=lora["rank"],
            lora_alpha=lora["alpha"],
            target_modules=lora["targets"],
            lora_dropout=0.0,
            task_type="CAUSAL_LM",
        )
    clock = Clock()
    made = {
        "model": request["folder"],
        "train_dataset": Dataset.from_list(rows),
        "callbacks": [clock],
        **extra,
    }
    if request["task"] == "sft":
        trainer = SFTTrainer(args=SFTConfig(**shared), **made)
    else:
        trainer = DPOTrainer(args=DPOConfig(**shared), **made)
    trainer.train()
    first, last = clock.ends[request["warmup"] - 1], clock.ends[-1]
    return {"seconds": last[0] - first[0], "processor": last[1] - first[1]}


def generate(request):
    workload = json.load(open(request["workload"]))
    dtype = torch.bfloat16 if request["setting"] == "bf16 weights" else torch.float32
    tokenizer = transformers.AutoTokenizer.from_pretrained(
        request["folder"], padding_side="left"
    )
    model = transformers.AutoModelForCausalLM.from_pretrained(
        request["folder"], dtype=dtype
    ).eval()
    batch = tokenizer(workload["prompts"], return_tensors="pt", padding=True)
    batch.pop("token_type_ids", None)

    @torch.inference_mode()
    def run(candidates):
        sampling = (
            {"do_sample": False}
            if candidates == 1
            else {"do_sample": True, "top_k": 0, "num_return_sequences": candidates}
        )
        started, used = time.perf_counter(), time.process_time()
        out = model.generate(
            **batch, max_new_tokens=request["newTokens"], pad_token_id=0, **sampling
        )
        seconds = time.perf_counter() - started
        new = out[:, batch["input_ids"].shape[1] :]
        return {
            "seconds": seconds,
            "processor": time.process_time() - used,
            "tokens": int((new != 0).sum()),
            "ids": new[:2].tolist() if candidates == 1 else [],
        }

    run(1)
    return {
        "batch": run(1),
        "candidates": run(request["candidates"]),
    }


request = json.loads(sys.argv[1])
torch.set_num_threads(request.get("threads", 2))
handlers = {"make": make, "sft": train, "dpo": train, "generate": generate}
result = handlers[request["task"]](request)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({**result, "peakMiB": peak}))
