"""For users who test what they build: builders, strategies, conformance kits."""
