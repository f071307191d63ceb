#!/usr/bin/env bash
# pandas 3.1.1 (pyarrow 26.0.1): upper, lower and isdigit of a string depend on the column's dtype, and casefold does
# not fit upper.
#
# Expected: Series.str.upper() is str.upper() for each value, as it was, and the new dtype `str` is only faster.
# Seen: `str` asks Arrow, which maps one character to one: the ligature U+FB01 stays what it is (object: FI), U+00DF
# becomes U+1E9E (object: SS), a titlecase digraph becomes a capital one, and one half is a digit. casefold(), which
# Arrow lacks, is done in Python and takes ligatures apart, so that in one column upper() says that "ofﬁce" and
# "office" differ, casefold() that they do not. DuckDB 2.0.1 maps as Arrow does, Polars 2.1.0 as Python.
# Matters: readings are compared case-free where a font draws small capitals, and ligatures are what glyphs are: equal
# texts are counted as errors or not by the dtype that a column came with. NFKC, then casefold, and no upper.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: pandas==3.1.1 pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1
"$room/venv/bin/python" - <<'PYTHON'
import duckdb
import pandas as pd
import polars as pl

WORDS = ["of\ufb01ce", "Stra\u00dfe", "\u01c6"]
words = pd.DataFrame({"word": WORDS})
assert words["word"].dtype == "str"
upper = {
    "pandas, str": words["word"].str.upper().tolist(),
    "pandas, object": words["word"].astype(object).str.upper().tolist(),
    "Polars": pl.Series(WORDS).str.to_uppercase().to_list(),
    "DuckDB": [row[0] for row in duckdb.sql("SELECT upper(word) FROM words").fetchall()],
}
for name, said in upper.items():
    print(f"upper, {name:15}", *(ascii(word) for word in said))
assert upper["pandas, object"] == upper["Polars"] == [word.upper() for word in WORDS] == ["OFFICE", "STRASSE", "\u01c4"]
assert upper["pandas, str"] == upper["DuckDB"] == ["OF\ufb01CE", "STRA\u1e9eE", "\u01c4"]

digits = pd.Series(["7", "\u0667", "\u00bd"])
told = digits.str.isdigit().tolist(), digits.astype(object).str.isdigit().tolist()
titles = pd.Series(["\u01c6"]).str.title()[0], pd.Series(["\u01c6"], dtype=object).str.title()[0]
print("isdigit of 7, Arabic 7 and one half:", *told, "title of U+01C6:", *map(ascii, titles))
assert told == ([True, True, True], [True, True, False]) and titles == ("\u01c4", "\u01c5")

pair = pd.Series(["of\ufb01ce", "office"])
same = {name: getattr(pair.str, name)().nunique() == 1 for name in ("upper", "lower", "casefold")}
print("both spellings of office are the same by:", same)
assert same == {"upper": False, "lower": False, "casefold": True}
PYTHON
