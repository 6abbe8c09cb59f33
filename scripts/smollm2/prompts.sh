#!/usr/bin/env bash
# The files that recipes/smollm2-constraints.yaml reads, made with the model it trains:
#   scripts/smollm2/prompts.sh MODEL IFEVAL OUT
# MODEL is a checkpoint, IFEVAL the official prompts (input_data.jsonl), OUT a folder. The
# kinds of constraint are those that MODEL meets 15 to 85 % of the time in sampled answers
# to prompts of another seed. Stopped, the same command goes on.
set -euo pipefail
model=$1 ifeval=$2 out=$3
autodidact=${AUTODIDACT:-autodidact}
mkdir -p "$out"

$autodidact constraints --count 250 --seed 1000 --out "$out/probe.jsonl" --held-out "$out/suite.jsonl"
[ -e "$out/probe-answers.jsonl" ] ||
  $autodidact generate --model "$model" --chat --prompts "$out/probe.jsonl" --out "$out/probe-answers.jsonl" \
    --n 4 --temperature 0.9 --top-p 0.95 --max-tokens 144
$autodidact evaluate --suite ifeval --data "$out/probe.jsonl" --responses "$out/probe-answers.jsonl" --out "$out/graded.jsonl"
$autodidact constraints --count 300 --seed 1 --difficulty "$out/graded.jsonl" --out "$out/prompts.jsonl"

# The judge's fixed set: of the answers that were sampled, a better against a worse one.
$autodidact judge --verifier constraints --data "$out/probe-answers.jsonl" --out "$out/judged.jsonl"
$autodidact pairs --data "$out/judged.jsonl" --out "$out/judge-fixed.jsonl" --no-finished-only

cat "$ifeval" "$out/suite.jsonl" >"$out/held-out.jsonl"
