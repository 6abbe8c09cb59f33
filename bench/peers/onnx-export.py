"""A checkpoint of bench/peers as @huggingface/transformers reads it.

    python bench/peers/onnx-export.py '{"folder": "…", "output": "…"}'

Writes `output` with `onnx/model.onnx` (float32) and `onnx/model_quantized.onnx` (int8
weights, activations quantized as they come), both with a key/value cache, beside
configuration and tokenizer. Needs an environment of its own, because the exporter works
with transformers 4 only:

    python3 -m venv .venv-onnx
    .venv-onnx/bin/pip install torch==2.13.0 optimum-onnx==0.1.0 "transformers<5" onnx onnxruntime
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from onnxruntime.quantization import QuantType, quantize_dynamic
from optimum.exporters.onnx import onnx_export_from_model

TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json"]


def load(folder):
    config = transformers.AutoConfig.from_pretrained(folder)
    # transformers 5 wrote it where transformers 4 does not look.
    config.rope_theta = config.rope_parameters["rope_theta"]
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, config=config, dtype=torch.float32
    ).eval()
    # A head of its own is a constant matrix, which quantization takes; a tied one is not.
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    model.config.tie_word_embeddings = False
    return model


def export(folder, output):
    with tempfile.TemporaryDirectory(dir=output.parent) as scratch:
        made = Path(scratch) / "export"
        onnx_export_from_model(
            load(folder),
            output=made,
            task="text-generation-with-past",
            do_validation=False,
        )
        (made / "onnx").mkdir()
        full = made / "onnx" / "model.onnx"
        (made / "model.onnx").rename(full)
        quantize_dynamic(
            full,
            made / "onnx" / "model_quantized.onnx",
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
        for name in TOKENIZER_FILES:
            shutil.copy(folder / name, made / name)
        made.rename(output)


request = json.loads(sys.argv[1])
export(Path(request["folder"]), Path(request["output"]))
print(json.dumps({"onnx": request["output"]}))
