"""How a release goes out: one module for each tool that it is fielded with."""
