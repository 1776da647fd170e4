"""Random patterns, and what Python's `re` makes of them: `python3 python-patterns.py SEED COUNT`.

Prints a JSON list of [pattern, texts, found]: whether `re.search` finds the pattern in each text; `found` is null for what does not compile. Made with
Python 3.11 (`python3 python-patterns.py 20260301 1500`), it is also the table `fixtures/python-patterns.json`.
"""

import json
import random
import re
import signal
import sys
import warnings

chance = random.random
pick = random.choice

# Letters whose cases are special, digits and numbers that are no ASCII, and what separates words and lines.
LETTERS = "aabbcAB \n_1é²٣ſ\u212aksSiİı.-x"
FLAGS = ["i", "m", "s", "a", "x", "u", "im", "-i", "-s", "i-s", "a-i", "ms-i", "x-m"]


class Groups:
    """Those that a reference may name."""

    def __init__(self):
        self.count = 0
        self.closed = []
        self.names = []


def literal():
    letter = pick(LETTERS)
    if letter == "\n":
        return pick(["\\n", "\n"])
    return re.escape(letter) if chance() < 0.5 else letter


def escape():
    return pick([r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", ".", ".", r"\x61", r"\u0061", r"\U00000062", r"\141", r"\07", r"\0",
                 r"\N{LATIN SMALL LETTER A}", r"\N{line feed}", r"\N{HANGUL SYLLABLE GAGG}", r"\n", r"\t", r"\a", r"\.", r"\-"])


def charset():
    members = ""
    for _ in range(random.randint(1, 4)):
        kind = chance()
        if kind < 0.4:
            members += pick("abcABC1_éſ\u212aıİkis. -&|~[")
        elif kind < 0.6:
            members += pick(["a-c", "A-z", "0-9", "a-é", "\\x20-\\u2000", "\\x00-\\U0010ffff", "K-s"])
        elif kind < 0.9:
            members += pick([r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\b", r"\n", r"\]"])
        else:
            members += pick(["]", "^", "-"])
    return "[" + ("^" if chance() < 0.3 else "") + members + "]"


def quantifier():
    return pick(["*", "+", "?", "*", "+", "?", "{2}", "{1,2}", "{,2}", "{1,}", "{0,3}", "{,}", "{0}"]) + pick(["", "", "", "?", "+"])


def alternatives(depth, groups):
    made = sequence(depth, groups)
    while chance() < 0.25:
        made += "|" + sequence(depth, groups)
    return made


def sequence(depth, groups):
    return "".join(item(depth, groups) for _ in range(random.randint(0 if chance() < 0.1 else 1, 3)))


def item(depth, groups):
    if chance() < 0.12:
        return pick(["^", "$", r"\b", r"\B", r"\A", r"\Z"])
    return atom(depth, groups) + (quantifier() if chance() < 0.35 else "")


def atom(depth, groups):
    kind = chance()
    if depth <= 0 or kind < 0.4:
        return literal()
    if kind < 0.5:
        return escape()
    if kind < 0.6:
        return charset()
    inner = depth - 1
    if kind < 0.76:
        groups.count += 1
        number = groups.count
        name = f"n{number}" if kind > 0.72 else None
        made = ("(" if name is None else f"(?P<{name}>") + alternatives(inner, groups) + ")"
        groups.closed.append(number)
        if name is not None:
            groups.names.append(name)
        return made
    if kind < 0.84:
        return pick(["(?:", "(?>"]) + alternatives(inner, groups) + ")"
    if kind < 0.88:
        return pick(["(?=", "(?!"]) + alternatives(inner, groups) + ")"
    if kind < 0.92:
        behind = "".join(literal() if chance() < 0.7 else pick([escape, charset])() for _ in range(random.randint(1, 2)))
        return pick(["(?<=", "(?<!"]) + behind + ")"
    if kind < 0.95:
        return f"(?{pick(FLAGS)}:" + alternatives(inner, groups) + ")"
    if kind < 0.97 and groups.closed:
        no = "|" + sequence(inner, groups) if chance() < 0.6 else ""
        return f"(?({pick(groups.closed)})" + sequence(inner, groups) + no + ")"
    if groups.names and chance() < 0.4:
        return f"(?P={pick(groups.names)})"
    if groups.closed:
        return f"\\{pick(groups.closed)}" + pick(["", "", "(?:)"])
    return "(?#c)"


def spoilt(pattern):
    """With a character more or less, or a piece less: mostly what does not compile."""
    if pattern == "":
        return pattern
    at, kind = random.randrange(len(pattern)), chance()
    if kind < 0.4:
        return pattern[:at] + pattern[at + 1:]
    if kind < 0.8:
        return pattern[:at] + pick("()[]{}*+?|^$\\.-:<>=!P#,012ax&~") + pattern[at:]
    return pattern[:at] + pattern[random.randrange(at, len(pattern)):]


class TooLong(Exception):
    pass


def too_long(*_):
    raise TooLong()


def main(seed, count):
    random.seed(seed)
    signal.signal(signal.SIGALRM, too_long)
    rows = []
    while len(rows) < count:
        pattern = alternatives(random.randint(1, 4), Groups())
        if chance() < 0.15:
            pattern = f"(?{pick(['i', 'm', 's', 'x', 'a', 'im', 'ix', 'is', 'u', 'ai'])})" + pattern
        for _ in range(pick([0, 0, 0, 0, 1, 2, 3])):
            pattern = spoilt(pattern)
        if pattern == "":
            continue
        texts = ["".join(pick(LETTERS) for _ in range(random.randint(0, 14))) for _ in range(4)]
        texts += ["".join(pick("ab\n aB_") for _ in range(random.randint(0, 12))) for _ in range(3)]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # Refused by the next version.
                warnings.simplefilter("error", DeprecationWarning)
                compiled = re.compile(pattern)
        except DeprecationWarning:
            continue
        except (re.error, OverflowError, ValueError, RecursionError):
            rows.append([pattern, [], None])
            continue
        try:
            signal.setitimer(signal.ITIMER_REAL, 1)
            rows.append([pattern, texts, [bool(compiled.search(text)) for text in texts]])
        except (TooLong, SystemError):
            # A SystemError is a fault of Python's engine that it has found itself.
            continue
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    json.dump(rows, sys.stdout, ensure_ascii=True, separators=(",", ":"))


main(int(sys.argv[1]), int(sys.argv[2]))
