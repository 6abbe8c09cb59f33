"""The external trainer of Autodidact: one SFT or DPO job over TRL, under torchrun.

A job is a folder that Autodidact wrote: what to train (`job.json`), tokenized rows and the
plan of every optimizer update. The job leaves its metrics, its checkpoints and, last of
all, `done.json` there. Nothing here tokenizes, shuffles or computes a learning rate, so
that both trainers see the same numbers.
"""
