"""The base of all errors."""

import os

from smcroute_agent.daemon import EXIT_CODES
from smcroute_agent.engine.kernel.refusals import MissingInKernel
from smcroute_agent.errors import Error, PrivilegeProblem
from smcroute_agent.supervisor.startup_files import NotKept


def test_where_what_and_remedy_in_one_line() -> None:
    assert str(Error("it is wrong", path="file:1", remedy="mend it")) == (
        "file:1: it is wrong; mend it"
    )
    assert str(Error("it is wrong")) == "it is wrong"


def test_the_kind_of_a_subclass_is_that_of_its_nearest_common_class() -> None:
    assert Error("").kind == "Error"
    assert PrivilegeProblem("").kind == "PrivilegeProblem"
    assert NotKept("").kind == "SystemProblem"
    assert EXIT_CODES[MissingInKernel("").kind] == os.EX_UNAVAILABLE
