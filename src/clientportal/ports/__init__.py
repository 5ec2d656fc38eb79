"""Seams: what an adapter answers, and the hooks by which it registers."""
