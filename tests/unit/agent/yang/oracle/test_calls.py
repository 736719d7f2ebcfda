"""The input of RPCs: our verdict is libyang's, or explained."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .differences import DIFFERENCES
from .documents import calls, tries
from .models import OPERATIONS
from .mutations import mutated
from .verdict import Compared, ours_of_call, reread, text_of
from .worker import Oracle


@pytest.mark.fuzz
def test_verdicts() -> None:
    schema = OPERATIONS.schema
    seen: Counter[bool] = Counter()

    with Oracle("libyang", OPERATIONS) as oracle:

        @tries(0.6)
        @given(st.one_of(calls(schema), mutated(schema, calls(schema))))
        def compare(config: Any) -> None:
            xml = text_of(config)
            elements = reread(xml)
            if len(elements) != 1 or elements[0].tag not in schema.rpcs:
                return
            verdict = ours_of_call(schema, xml)
            seen[verdict.accepted] += 1
            compared = Compared("libyang", "operations", xml, verdict, oracle.ask(rpc=xml))
            explained = any(known.explains(compared) for known in DIFFERENCES)
            assert compared.agree or explained, str(compared)

        compare()
    assert min(seen[True], seen[False]) > sum(seen.values()) / 20, f"one-sided: {seen}"
