"""A preference training as TRL's own documentation has it: MODEL DATA OUT BATCH."""

import sys

from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

model, data, out, batch = sys.argv[1:]
trainer = DPOTrainer(
    model=AutoModelForCausalLM.from_pretrained(model),
    processing_class=AutoTokenizer.from_pretrained(model),
    train_dataset=load_dataset("json", data_files=data, split="train", cache_dir=f"{out}.cache"),
    args=DPOConfig(
        output_dir=out,
        use_cpu=True,
        per_device_train_batch_size=int(batch),
        num_train_epochs=1,
        learning_rate=1e-5,
        lr_scheduler_type="linear",
        max_length=256,
        precompute_ref_log_probs=True,
        gradient_checkpointing=False,
        bf16=False,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        seed=1,
    ),
)
trainer.train()
trainer.save_model(out)
