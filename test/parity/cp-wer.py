"""cpWER of meeteval, for cp-wer.test.ts: JSON cases on standard input, errors on standard output."""

import json
import sys

import meeteval

cases = json.load(sys.stdin)
rates = [
    meeteval.wer.cp_word_error_rate(
        reference=[" ".join(words) for words in case["reference"]],
        hypothesis=[" ".join(words) for words in case["hypothesis"]],
    )
    for case in cases
]
json.dump([{"errors": int(rate.errors), "words": int(rate.length)} for rate in rates], sys.stdout)
