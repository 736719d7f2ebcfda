"""A generic YANG 1.1 library: schema, data trees, edit, validation; it knows no smcroute."""
