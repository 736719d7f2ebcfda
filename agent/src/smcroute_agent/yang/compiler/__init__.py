"""From pyang's statements to the compiled schema; only `make schema` and tests import it."""
