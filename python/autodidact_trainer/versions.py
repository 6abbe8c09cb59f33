"""Whether this Python can train: packages, their versions, devices.

Run as a program it prints one JSON object, which `autodidact doctor --engine trl` reads;
it imports nothing but the standard library until it has looked.
"""

import importlib.metadata
import json
import sys

#: [at least, below), of the versions this package was tested with.
SUPPORTED = {
    "torch": ("2.8", "3"),
    "transformers": ("5.20", "6"),
    "trl": ("1.16", "1.17"),
    "peft": ("0.20", "1"),
    "accelerate": ("1.12", "2"),
    "datasets": ("4", "6"),
    "safetensors": ("0.5", "1"),
}
OLDEST_PYTHON = (3, 10)


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: "2.13.0+cpu" is (2, 13, 0)."""
    parts: list[int] = []
    for part in version.split("+")[0].split("."):
        if not part.isdigit():
            break
        parts.append(int(part))
    return tuple(parts)


def installed(name: str) -> str | None:
    """The version of a package, if it is there."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def problem() -> str | None:
    """What is missing or of a wrong version, in one sentence; nothing where all is well."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        return f"Python {sys.version.split()[0]} is too old: 3.10 or newer is needed."
    wrong: list[str] = []
    for name, (least, below) in SUPPORTED.items():
        found = installed(name)
        if found is None:
            wrong.append(f"{name} is missing")
        elif not numbers(least) <= numbers(found) < numbers(below):
            wrong.append(f"{name} is {found}")
    if not wrong:
        return None
    wanted = " ".join(f'"{name}>={least},<{below}"' for name, (least, below) in SUPPORTED.items())
    return f"The trainer cannot run with {sys.executable}: {', '.join(wrong)}. Needed: {wanted}."


def report() -> dict[str, object]:
    """Versions, what is wrong, and the devices where torch can be asked."""
    found = problem()
    answer: dict[str, object] = {
        "python": sys.version.split()[0],
        "executable": sys.executable,
        "versions": {name: installed(name) for name in SUPPORTED},
        "problem": found,
        "gpus": [],
    }
    if installed("torch") is not None:
        import torch

        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        answer["gpus"] = [torch.cuda.get_device_name(index) for index in range(count)]
    return answer


if __name__ == "__main__":
    print(json.dumps(report()))
