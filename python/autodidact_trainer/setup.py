"""From a job to a trainer of TRL: device, arguments, model, adapter."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from datasets import Dataset
from peft import LoraConfig, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, SFTConfig
from trl.trainer.utils import disable_dropout_in_model

from .batches import PlannedBatches
from .failures import JobError
from .files import read_lines
from .job import Job, Update
from .trainers import PlannedDPO, PlannedSFT, PlannedUpdates


def require_device(job: Job) -> None:
    """Refuses what this machine cannot do, before anything is loaded."""
    there = torch.cuda.is_available()
    if job.device == "cuda" and not there:
        raise JobError(
            "DEVICE",
            f"The trainer is to run on GPUs, but torch {torch.__version__} finds none on this"
            " machine. Set device: cpu in engine.train, install a torch built for your driver, or"
            " launch the job where the GPUs are.",
        )
    if job.strategy == "fsdp2" and (job.device == "cpu" or not there):
        raise JobError(
            "DEVICE",
            "strategy: fsdp2 needs GPUs: on a CPU accelerate ignores it without a word. Set"
            " strategy: ddp.",
        )
    local = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    if there and job.device != "cpu" and local > torch.cuda.device_count():
        raise JobError(
            "DEVICE",
            f"{local} processes are to train on this machine, which has"
            f" {torch.cuda.device_count()} GPUs. Set processesPerNode to that.",
        )


def arguments(job: Job, plan: list[Update]) -> SFTConfig | DPOConfig:
    """TRL's configuration; making it joins the processes."""
    on_cpu = job.device == "cpu" or not torch.cuda.is_available()
    sharded: dict[str, Any] = {}
    if job.strategy == "fsdp2":
        config = {"version": 2, "activation_checkpointing": job.gradient_checkpointing}
        sharded = {"fsdp": True, "fsdp_config": config}
    shared: dict[str, Any] = {
        "output_dir": str(job.folder),
        "learning_rate": 1.0,
        "num_train_epochs": 1,
        "per_device_train_batch_size": job.micro_batch,
        "weight_decay": job.optimizer.weight_decay,
        "adam_beta1": job.optimizer.beta1,
        "adam_beta2": job.optimizer.beta2,
        "adam_epsilon": job.optimizer.epsilon,
        "max_grad_norm": job.optimizer.max_grad_norm,
        "optim": "adamw_torch",
        "use_cpu": on_cpu,
        "bf16": job.precision == "bf16",
        "gradient_checkpointing": job.gradient_checkpointing and not sharded,
        "ddp_find_unused_parameters": False,
        "seed": job.seed % 2**32,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        **sharded,
    }
    if job.kind == "sft":
        return SFTConfig(**shared)
    return DPOConfig(**shared, precompute_ref_log_probs=True)


def keep_metrics(folder: Path, plan: list[Update], updates: int) -> None:
    """Leaves the rows of steps that the checkpoint holds; the others are made again."""
    path = folder / "metrics.jsonl"
    last = plan[updates - 1].step if updates > 0 else 0
    kept = [row for row in read_lines(path) if row["step"] <= last]
    partial = path.with_suffix(".partial")
    partial.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    partial.replace(path)


def open_trainer(
    job: Job, planned: PlannedBatches, args: Any, stopping: Callable[[], bool]
) -> PlannedUpdates:
    """The trainer of the job's kind over its base model."""
    transformers.utils.logging.disable_progress_bar()
    model, loading = AutoModelForCausalLM.from_pretrained(
        job.base, dtype=torch.float32, output_loading_info=True
    )
    wrong = [*loading["missing_keys"], *loading["mismatched_keys"]]
    if wrong:
        raise JobError(
            "BAD_CHECKPOINT",
            f"{job.base}: transformers finds no weights of the right shape for {wrong[0]}"
            f" ({len(wrong)} in all). Use a checkpoint whose parts belong together.",
        )
    disable_dropout_in_model(model)
    lora = job.lora
    adapter = lora and LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,  # type: ignore[arg-type]
        target_modules=lora.targets,
        lora_dropout=0.0,
        task_type="CAUSAL_LM",
    )
    kind = PlannedSFT if job.kind == "sft" else PlannedDPO
    trainer = kind(
        job,
        planned,
        stopping,
        model=model,
        args=args,
        train_dataset=Dataset.from_dict({"row": [0]}),
        processing_class=AutoTokenizer.from_pretrained(job.base),
        peft_config=adapter,
    )
    if adapter is not None:
        begun = load_file(job.folder / "adapter" / "adapter_model.safetensors")
        set_peft_model_state_dict(trainer.model, begun)
    return trainer
