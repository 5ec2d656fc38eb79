"""Frozen values, one module per noun: what there is, never whether it may be."""
