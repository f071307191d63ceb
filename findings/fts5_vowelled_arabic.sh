#!/usr/bin/env bash
# SQLite 3.54.1 (apsw 3.54.1.0): full-text search cuts a vowelled Arabic word into its letters.
#
# Expected: FTS5's tokenizer unicode61 takes vowel marks for diacritics, which `remove_diacritics 2` strips as it
# strips those of "naïve"; so the bare word finds the vowelled one. At worst the marks stay and only the vowelled word
# finds it.
# Seen: a mark is no letter, digit or private character, so it *ends a token*, whatever remove_diacritics says:
# muḥammad is indexed as four words of one letter. The bare word finds nothing; one with quite other vowels is a hit
# (kutub, "books", finds kataba, "he wrote"); so does each letter by itself. Letting marks in (categories 'L* N* Co
# Mn') keeps words whole and vowels in them. The trigram tokenizer's `remove_diacritics 1` strips none of these marks,
# either. Hindi is cut the same way.
# Matters: text read out of PDFs is vowelled or not by the whim of its producer; a search over it must strip marks by
# itself first.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: apsw==3.54.1.0
"$room/venv/bin/python" - <<'PYTHON'
import apsw

WORDS = {
    "muhammad": "\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f",
    "kataba": "\u0643\u064e\u062a\u064e\u0628\u064e",
    "hindi": "\u0939\u093f\u0928\u094d\u0926\u0940",
    "naïve": "nai\u0308ve",
}
QUERIES = {
    "mhmd, bare": "\u0645\u062d\u0645\u062f",
    "ktb, bare": "\u0643\u062a\u0628",
    "kutub": "\u0643\u064f\u062a\u064f\u0628",
    "one letter t": "\u062a",
    "naive": "naive",
}
TOKENIZERS = [
    "unicode61 remove_diacritics 2",
    "unicode61 remove_diacritics 0",
    "unicode61 categories 'L* N* Co Mn'",
    "trigram remove_diacritics 1",
]
print("SQLite", apsw.sqlite_lib_version())
tokens, found = {}, {}
for tokenizer in TOKENIZERS:
    db = apsw.Connection(":memory:")
    db.execute(f'CREATE VIRTUAL TABLE t USING fts5(word, tokenize="{tokenizer}")')
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
    db.executemany("INSERT INTO t VALUES (?)", [(word,) for word in WORDS.values()])
    tokens[tokenizer] = dict(zip(WORDS, (n for _, n in db.execute("SELECT doc, count(*) FROM v GROUP BY doc"))))
    find = "SELECT rowid FROM t WHERE t MATCH ?"
    found[tokenizer] = {
        name: [list(WORDS)[row - 1] for (row,) in db.execute(find, (f'"{query}"',))] for name, query in QUERIES.items()
    }
    print(f"{tokenizer}\n   tokens of each word: {tokens[tokenizer]}\n   found: {found[tokenizer]}")
for tokenizer in TOKENIZERS[:2]:
    assert tokens[tokenizer] == {"muhammad": 4, "kataba": 3, "hindi": 3, "naïve": 1}, tokens
    assert found[tokenizer]["kutub"] == found[tokenizer]["one letter t"] == ["kataba"]
assert tokens[TOKENIZERS[2]]["muhammad"] == 1 and found[TOKENIZERS[2]]["kutub"] == []
assert not any(each["mhmd, bare"] or each["ktb, bare"] for each in found.values())
assert found[TOKENIZERS[0]]["naive"] == found[TOKENIZERS[3]]["naive"] == ["naïve"]
PYTHON
